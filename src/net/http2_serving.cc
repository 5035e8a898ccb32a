// Requests of HTTP/2: many at once on one connection, answered in any order.
#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <utility>

#include "base/log.h"
#include "net/connection.h"
#include "net/http2_session.h"

namespace vitrine::net {
namespace {

// What one turn reads and writes at most, so that no connection keeps the thread for itself.
constexpr std::size_t kTurnReads = 4;
constexpr std::size_t kTurnWriteBytes = 262'144;
constexpr std::size_t kPulledBytes = 16'384;
constexpr std::size_t kKeptBufferBytesMax = 65'536;

class Http2Serving final : public Serving {
 public:
  explicit Http2Serving(Connection& connection)
      : connection_(connection), wire_(connection.wire()), signal_(connection.loop().context) {}

  Task<void> run() override;
  void answer(std::uint64_t exchange, std::optional<Response> response) override;
  bool may_close() const override { return !session_ || session_->idle(); }
  void expire(std::chrono::steady_clock::time_point now) override;
  void stop() override;
  void wake() override;

 private:
  enum class State { open, client_left };

  void turn();
  void read();
  void hand_over();
  void write();
  void watch();
  void wait_for(Socket::wait_type what, bool& waiting);
  void set_deadline(bool progress);
  bool say_goodbye();

  Connection& connection_;
  Wire& wire_;
  std::unique_ptr<http2::Session> session_;
  std::string out_;
  std::size_t written_ = 0;     // of out_
  std::uint64_t progress_ = 0;  // bytes written at all
  State state_ = State::open;
  bool more_ = false;  // the turn ended before there was nothing left to do
  bool was_idle_ = false;
  bool waits_to_read_ = false;
  bool waits_to_write_ = false;
  bool woken_ = false;
  Timer signal_;  // never expires; cancelled when something happened
};

Task<void> Http2Serving::run() {
  auto session =
      http2::Session::make(connection_.limits(), connection_.shared().bodies,
                           [this](const Fault& fault) { return connection_.refusal(fault); });
  if (!session) co_return;
  session_ = *std::move(session);
  if (connection_.loop().stopping) session_->go_away();
  while (true) {
    turn();
    if (wire_.closing() || wire_.late() || state_ == State::client_left) break;
    if (session_->finished() && out_.empty()) break;
    if (more_) {
      co_await wire_.step_aside();
    } else if (!woken_) {
      signal_.expires_at(Wire::Clock::time_point::max());
      co_await signal_.async_wait(asio::as_tuple(kAwait));
    }
  }
  const bool lingers = say_goodbye();
  if (lingers) co_await wire_.linger();
}

// Whether the client may still be sending.
bool Http2Serving::say_goodbye() {
  boost::system::error_code ignored;
  wire_.socket().cancel(ignored);  // the waits of watch() hold the connection
  if (session_->flooded()) count(connection_.shared().counters.floods_ended);
  if (wire_.closing() || state_ == State::client_left) return false;
  if (wire_.late()) {
    if (!out_.empty()) return false;
    session_->go_away();
    write();
    return false;
  }
  wire_.tls().close();
  return true;
}

// Reads what is there, asks the handler, writes what may be written, and waits for the rest.
void Http2Serving::turn() {
  more_ = false;
  const auto progress_before = progress_;
  session_->set_limits(connection_.limits());
  if (out_.empty()) read();
  hand_over();
  woken_ = false;  // the answers that came meanwhile are written now
  write();
  set_deadline(progress_ != progress_before);
  watch();
}

void Http2Serving::read() {
  for (std::size_t i = 0; i < kTurnReads; ++i) {
    std::size_t count = 0;
    const auto outcome = wire_.tls().read(connection_.loop().scratch, count);
    if (outcome == TlsStream::Outcome::want_read) return;
    if (outcome != TlsStream::Outcome::done) {
      state_ = State::client_left;
      return;
    }
    session_->put({connection_.loop().scratch.data(), count}, Wire::Clock::now());
  }
  more_ = true;
}

void Http2Serving::hand_over() {
  for (auto& incoming : session_->take_requests()) {
    count(connection_.shared().counters.requests_http2);
    connection_.hand_over(static_cast<std::uint64_t>(incoming.stream), std::move(incoming.request),
                          std::move(incoming.charge));
  }
}

void Http2Serving::write() {
  for (std::size_t turn_bytes = 0; turn_bytes < kTurnWriteBytes;) {
    if (written_ == out_.size()) {
      out_.clear();
      written_ = 0;
      session_->pull(out_, kPulledBytes);
      if (out_.empty()) {
        if (out_.capacity() > kKeptBufferBytesMax) std::string().swap(out_);
        return;
      }
    }
    std::size_t count = 0;
    const auto outcome = wire_.tls().write(std::string_view(out_).substr(written_), count);
    if (outcome == TlsStream::Outcome::want_write) return;
    if (outcome != TlsStream::Outcome::done) {
      state_ = State::client_left;
      return;
    }
    written_ += count;
    progress_ += count;
    turn_bytes += count;
  }
  more_ = true;
}

// While something waits to be written nothing is read: a client that takes nothing gets nothing
// done.
void Http2Serving::watch() {
  if (more_ || state_ != State::open) return;
  if (!out_.empty()) {
    wait_for(Socket::wait_write, waits_to_write_);
  } else {
    wait_for(Socket::wait_read, waits_to_read_);
  }
}

void Http2Serving::wait_for(Socket::wait_type what, bool& waiting) {
  if (waiting) return;
  waiting = true;
  wire_.socket().async_wait(what,
                            [this, &waiting, alive = connection_.shared_from_this()](const auto&) {
                              waiting = false;
                              wake();
                            });
}

// Of the connection: what is written must go on, and without a request it lasts for a while.
// Streams have their own.
void Http2Serving::set_deadline(bool progress) {
  const auto& limits = connection_.limits();
  const bool idle = session_->idle() && out_.empty();
  if (!out_.empty()) {
    if (progress || wire_.deadline() == Wire::Clock::time_point::max() || was_idle_) {
      wire_.set_deadline(limits.request_timeout);
    }
  } else if (!idle) {
    wire_.no_deadline();
  } else if (!was_idle_) {
    wire_.set_deadline(limits.idle_timeout);
  }
  was_idle_ = idle;
}

void Http2Serving::answer(std::uint64_t exchange, std::optional<Response> response) {
  session_->answer(static_cast<http2::StreamId>(exchange),
                   response ? *std::move(response) : connection_.unanswered(), Wire::Clock::now());
  wake();
}

void Http2Serving::expire(std::chrono::steady_clock::time_point now) {
  if (!session_) return;
  session_->expire(now);
  if (!session_->idle()) wake();
}

void Http2Serving::stop() {
  if (session_) session_->go_away();
  wake();
}

void Http2Serving::wake() {
  woken_ = true;
  signal_.cancel();
}

}  // namespace

std::unique_ptr<Serving> make_http2_serving(Connection& connection) {
  return std::make_unique<Http2Serving>(connection);
}

}  // namespace vitrine::net
