// The server's side of one HTTP/2 connection (RFC 9113), with nghttp2 inside: bytes in, bytes and
// requests out. Knows no socket and no clock; one thread at a time.
//
// Bounded: streams at once, of which one that the client gave up counts until the handler has
// answered; header and body of each request and all bodies together; the time in which a request
// must come and its answer must be taken; frames and resets of no use (http2_guard.h).
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "net/body_budget.h"
#include "net/http2_guard.h"
#include "net/http2_request.h"
#include "net/server.h"

struct nghttp2_session;

namespace vitrine::net::http2 {

using StreamId = std::int32_t;

struct Incoming {
  StreamId stream;
  Request request;
  BodyCharge charge;  // of request.body
};

class Session {
 public:
  using Clock = std::chrono::steady_clock;
  using Refusal = std::function<Response(const Fault&)>;

  // `refusal` words the session's own answers. internal: out of memory.
  static Result<std::unique_ptr<Session>> make(const ServerLimits& limits,
                                               std::shared_ptr<BodyBudget> bodies, Refusal refusal);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void set_limits(const ServerLimits& limits) { limits_ = limits; }  // for requests that begin
  void put(std::string_view bytes, Clock::time_point now);
  // The requests that became complete, once each.
  std::vector<Incoming> take_requests() { return std::exchange(incoming_, {}); }
  // Of a request that was taken, once. Dropped where the client gave the stream up meanwhile.
  void answer(StreamId stream, Response response, Clock::time_point now);
  // Appends what is to be sent, about `bytes_max` at most; nothing where there is nothing.
  void pull(std::string& out, std::size_t bytes_max);
  // Ends what is late: a request that does not come to its end, an answer that is not taken.
  void expire(Clock::time_point now);
  void go_away();  // no new streams; those that are there go on

  bool idle() const { return streams_.empty() && running_.empty(); }
  bool finished() const;  // nothing more to read or to send
  bool flooded() const { return flooded_; }

 private:
  struct Callbacks;
  struct Stream {
    RequestHead head;
    std::string body;
    BodyCharge charge;
    bool head_complete = false;
    bool complete = false;  // the client's side is closed
    bool answered = false;
    Clock::time_point deadline;
    Response answer;
    std::size_t sent = 0;     // of the answer's body
    bool answer_out = false;  // whole
    std::size_t dropped = 0;  // of a body that comes after the answer
    bool given_up = false;    // by us
  };

  Session(const ServerLimits& limits, std::shared_ptr<BodyBudget> bodies, Refusal refusal);
  bool begin();

  // What nghttp2 tells.
  int on_begin_request(StreamId id);
  void on_header(StreamId id, bool trailer, std::string_view name, std::string_view value);
  void on_invalid_header(StreamId id);
  void on_head(StreamId id);
  void on_body(StreamId id, std::string_view bytes);
  void on_request_end(StreamId id);
  void on_answer_end(StreamId id);
  void on_close(StreamId id);
  void on_reset_sent(StreamId id);
  std::ptrdiff_t read_answer(StreamId id, std::uint8_t* into, std::size_t size, bool& end);

  Stream* find(StreamId id);
  void refuse(StreamId id, Stream& stream, const Fault& fault);
  void submit(StreamId id, Stream& stream, Response response);
  void send_continue(StreamId id);
  void give_up(StreamId id, Stream& stream);
  void reset(StreamId id, std::uint32_t error_code);
  void append_calm(std::string& out);

  ServerLimits limits_;
  std::shared_ptr<BodyBudget> bodies_;  // this connection's
  Refusal refusal_;
  FloodGuard guard_;
  nghttp2_session* native_ = nullptr;
  std::unordered_map<StreamId, Stream> streams_;
  std::unordered_set<StreamId> running_;  // with the handler
  std::size_t orphans_ = 0;               // of them, whose stream is gone
  std::vector<Incoming> incoming_;
  Clock::time_point now_{};
  std::size_t unknown_header_bytes_ = 0;  // of the field section that is being read, refused
  bool flooded_ = false;
  bool said_calm_ = false;
  bool broken_ = false;
};

}  // namespace vitrine::net::http2
