// One client's connection: TLS handshake, then HTTP/1.1 requests one after the other. Lives on one
// loop; answers from other threads are posted there.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http1_request.h"
#include "net/http1_write.h"
#include "net/loop.h"
#include "net/server_shared.h"
#include "net/tls.h"

namespace vitrine::net {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // On the loop's thread. `tls` reads and writes `socket`.
  static void start(Loop& loop, ConnectionSlot slot, Socket socket, TlsStream tls);
  Connection(Loop& loop, ConnectionSlot slot, Socket socket, TlsStream tls);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // All on the loop's thread.
  void expire_if_late(std::chrono::steady_clock::time_point now);
  void close_if_idle();
  void close_now();
  // The handler's answer to exchange number `exchange`; nullopt where it gave none.
  void answer(std::uint64_t exchange, std::optional<Response> response);

 private:
  using Clock = std::chrono::steady_clock;
  using Fault = http1::Fault;
  enum class Phase { handshake, idle, busy };
  enum class Read { complete, closed, refused };

  Task<void> run();
  Task<bool> handshake();
  Task<void> serve_http1();
  Task<Read> read_request(http1::RequestReader& reader, std::optional<Fault>& fault);
  Task<bool> read_some(std::string_view& bytes);
  Task<bool> write_all(std::string_view bytes);
  Task<bool> wait_as_told(TlsStream::Outcome outcome);
  Task<Response> ask_handler(Request request);
  Task<void> refuse(const Fault& fault);
  Task<void> linger();

  void note_failed_handshake() const;
  const ServerLimits& limits() const { return loop_.limits; }
  ServerShared& shared() const { return *slot_.shared(); }
  Response framework_response(int status, std::string_view code, std::string_view message) const;
  Respond make_respond();
  void set_deadline(std::chrono::milliseconds from_now) { deadline_ = Clock::now() + from_now; }
  void no_deadline() { deadline_ = Clock::time_point::max(); }

  Loop& loop_;  // owns the coroutine that owns this
  ConnectionSlot slot_;
  Socket socket_;
  TlsStream tls_;
  std::string peer_address_;
  Bytes client_certificate_;

  Phase phase_ = Phase::handshake;
  Clock::time_point deadline_ = Clock::time_point::max();
  bool late_ = false;
  bool closing_ = false;

  std::string pending_;  // bytes of the next requests that came with this one
  std::string out_;
  std::uint64_t exchange_ = 0;
  bool answered_ = false;
  std::optional<Response> answer_;
  Timer answer_signal_;  // never expires; cancelled when the answer is there
};

}  // namespace vitrine::net
