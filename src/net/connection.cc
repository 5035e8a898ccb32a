#include "net/connection.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <exception>
#include <utility>

#include "base/log.h"

// Coroutines here await in statements of their own, and leave initializer lists to plain functions:
// g++ 12 makes wrong code of some such expressions.
namespace vitrine::net {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t kKeptBufferBytesMax = 65'536;
constexpr auto kLingerTimeout = 2s;
constexpr std::size_t kLingerBytesMax = 4'194'304;
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

std::string address_of(const Socket& socket) {
  boost::system::error_code error;
  const auto endpoint = socket.remote_endpoint(error);
  if (error) return {};
  const auto address = endpoint.address();
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
  }
  return address.to_string();
}

// The promise behind a Respond. Copies of the Respond share it; the last one to go without having
// answered says so, or the client would wait for ever.
class Ticket {
 public:
  Ticket(std::shared_ptr<Loop> loop, std::weak_ptr<Connection> connection, std::uint64_t exchange)
      : loop_(std::move(loop)), connection_(std::move(connection)), exchange_(exchange) {}
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;
  ~Ticket() {
    if (!used_) answer(std::nullopt);
  }

  void answer(std::optional<Response> response) {
    if (used_.exchange(true)) {
      log::error("second answer to one request dropped");
      return;
    }
    // The connection is reached on its own thread only: elsewhere it might end in our hands. The
    // loop outlives its thread while a ticket holds it, so a late answer is posted into the void.
    auto deliver = [connection = connection_, exchange = exchange_,
                    answer = std::move(response)]() mutable {
      if (const auto target = connection.lock()) target->answer(exchange, std::move(answer));
    };
    if (loop_->runs_here()) {
      deliver();
    } else {
      asio::post(loop_->context, std::move(deliver));
    }
  }

 private:
  std::shared_ptr<Loop> loop_;
  std::weak_ptr<Connection> connection_;
  std::uint64_t exchange_;
  std::atomic<bool> used_{false};
};

}  // namespace

void Connection::start(Loop& loop, ConnectionSlot slot, Socket socket, TlsStream tls) {
  auto connection =
      std::make_shared<Connection>(loop, std::move(slot), std::move(socket), std::move(tls));
  auto run = [](std::shared_ptr<Connection> self) -> Task<void> { co_await self->run(); };
  asio::co_spawn(loop.context, run(std::move(connection)), [](const std::exception_ptr& error) {
    // Out of memory, mostly. The connection is gone with its coroutine; the others stay.
    if (error) log::error("connection ended by an exception");
  });
}

Connection::Connection(Loop& loop, ConnectionSlot slot, Socket socket, TlsStream tls)
    : loop_(loop),
      slot_(std::move(slot)),
      socket_(std::move(socket)),
      tls_(std::move(tls)),
      peer_address_(address_of(socket_)),
      answer_signal_(loop_.context) {
  loop_.connections.insert(this);
}

Connection::~Connection() { loop_.connections.erase(this); }

void Connection::expire_if_late(Clock::time_point now) {
  if (now < deadline_) return;
  late_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
}

void Connection::close_if_idle() {
  if (phase_ != Phase::busy) close_now();
}

void Connection::close_now() {
  closing_ = true;
  boost::system::error_code ignored;
  socket_.cancel(ignored);
  answer_signal_.cancel();
}

void Connection::answer(std::uint64_t exchange, std::optional<Response> response) {
  if (exchange != exchange_ || answered_) return;
  answered_ = true;
  answer_ = std::move(response);
  answer_signal_.cancel();
}

Task<void> Connection::run() {
  const bool agreed = co_await handshake();
  if (!agreed) co_return;
  client_certificate_ = tls_.peer_certificate();
  // The place where tls_.protocol() decides between HTTP/1.1 and, once it is offered, HTTP/2.
  co_await serve_http1();
  tls_.close();
}

Task<bool> Connection::handshake() {
  set_deadline(limits().handshake_timeout);
  while (true) {
    const auto outcome = tls_.handshake();
    if (outcome == TlsStream::Outcome::done) {
      count(shared().counters.handshakes_done);
      if (tls_.resumed()) count(shared().counters.handshakes_resumed);
      co_return true;
    }
    const bool again = co_await wait_as_told(outcome);
    if (!again) break;
  }
  note_failed_handshake();
  co_return false;
}

void Connection::note_failed_handshake() const {
  count(shared().counters.handshakes_failed);
  if (late_) count(shared().counters.handshakes_late);
  log::debug("TLS handshake failed", {{"peer", peer_address_}, {"reason", tls_.failure()}});
}

Task<void> Connection::serve_http1() {
  while (true) {
    http1::RequestReader reader(limits().header_bytes_max, limits().body_bytes_max);
    std::optional<Fault> fault;
    const auto read = co_await read_request(reader, fault);
    if (read == Read::closed) co_return;
    if (read == Read::refused) {
      co_await refuse(*fault);
      co_return;
    }
    const bool is_head = reader.is_head_request();
    Response response = co_await ask_handler(reader.take());
    if (closing_) co_return;
    const bool keep_alive = reader.keep_alive() && !loop_.stopping;
    out_.clear();
    http1::append_response(out_, response, !is_head,
                           !keep_alive            ? http1::ConnectionOption::close
                           : reader.is_http_1_0() ? http1::ConnectionOption::keep_alive
                                                  : http1::ConnectionOption::silent);
    const bool written = co_await write_all(out_);
    if (!written || !keep_alive) co_return;
    if (out_.capacity() > kKeptBufferBytesMax) std::string().swap(out_);
  }
}

// Until the request is complete. `refused` sets `fault`; after it the stream is out of step.
Task<Connection::Read> Connection::read_request(http1::RequestReader& reader,
                                                std::optional<Fault>& fault) {
  phase_ = Phase::idle;
  if (loop_.stopping) co_return Read::closed;
  set_deadline(limits().idle_timeout);
  bool continued = false;
  std::string_view bytes = pending_;
  while (true) {
    auto taken = reader.put(bytes);
    if (!taken) {
      fault = std::move(taken).error();
      co_return Read::refused;
    }
    if (reader.complete()) {
      // `bytes` may be a view of pending_ itself.
      pending_ = std::string(bytes.substr(*taken));
      phase_ = Phase::busy;
      co_return Read::complete;
    }
    pending_.clear();
    if (reader.begun() && phase_ == Phase::idle) {
      phase_ = Phase::busy;
      set_deadline(limits().request_timeout);
    }
    if (reader.waits_for_continue() && !continued) {
      continued = true;
      const bool written = co_await write_all(kContinue);
      if (!written) co_return Read::closed;
      set_deadline(limits().request_timeout);
    }
    const bool read = co_await read_some(bytes);
    if (!read) {
      if (!late_ || !reader.begun() || closing_) co_return Read::closed;
      fault = Fault{408, "RequestTimeout", "The request did not come to its end in time."};
      co_return Read::refused;
    }
  }
}

// The bytes are the loop's scratch: the caller uses them before it waits again.
Task<bool> Connection::read_some(std::string_view& bytes) {
  while (true) {
    std::size_t count = 0;
    const auto outcome = tls_.read(loop_.scratch, count);
    if (outcome == TlsStream::Outcome::done) {
      bytes = std::string_view(loop_.scratch.data(), count);
      co_return true;
    }
    const bool again = co_await wait_as_told(outcome);
    if (!again) co_return false;
  }
}

// The client may be slow, but has to take something within each request_timeout.
Task<bool> Connection::write_all(std::string_view bytes) {
  while (!bytes.empty()) {
    set_deadline(limits().request_timeout);
    std::size_t count = 0;
    const auto outcome = tls_.write(bytes, count);
    if (outcome == TlsStream::Outcome::done) {
      bytes.remove_prefix(count);
      continue;
    }
    const bool again = co_await wait_as_told(outcome);
    if (!again) co_return false;
  }
  co_return true;
}

// Waits for what a TLS call asked for. false: it asked for nothing, or there is no more time.
Task<bool> Connection::wait_as_told(TlsStream::Outcome outcome) {
  const bool reads = outcome == TlsStream::Outcome::want_read;
  if ((!reads && outcome != TlsStream::Outcome::want_write) || late_ || closing_) co_return false;
  const auto [error] = co_await socket_.async_wait(reads ? Socket::wait_read : Socket::wait_write,
                                                   asio::as_tuple(kAwait));
  co_return !error && !late_ && !closing_;
}

Task<Response> Connection::ask_handler(Request request) {
  request.peer_address = peer_address_;
  request.client_certificate = client_certificate_;
  no_deadline();  // how long an answer takes is the handler's affair
  ++exchange_;
  answered_ = false;
  answer_.reset();
  count(shared().counters.requests_http1);
  try {
    shared().handler(std::move(request), make_respond());
  } catch (...) {
    answered_ = true;
    answer_ = framework_response(500, "InternalError", "Exception thrown while executing.");
    log::error("a handler threw");
  }
  while (!answered_ && !closing_) {
    answer_signal_.expires_at(Clock::time_point::max());
    co_await answer_signal_.async_wait(asio::as_tuple(kAwait));
  }
  if (!answer_ && !closing_) {
    answer_ =
        framework_response(500, "InternalError", "The request was dropped without an answer.");
  }
  co_return answer_ ? *std::move(answer_) : Response{};
}

Respond Connection::make_respond() {
  auto ticket = std::make_shared<Ticket>(loop_.shared_from_this(), weak_from_this(), exchange_);
  return [ticket = std::move(ticket)](Response response) { ticket->answer(std::move(response)); };
}

Response Connection::framework_response(int status, std::string_view code,
                                        std::string_view message) const {
  try {
    return shared().framework_error(status, code, message);
  } catch (...) {
    return Response{status, {}, {}};
  }
}

// Answers what could not be read, and ends the connection.
Task<void> Connection::refuse(const Fault& fault) {
  count(shared().counters.requests_refused);
  late_ = false;  // an answer gets a little time of its own
  out_.clear();
  http1::append_response(out_, framework_response(fault.status, fault.code, fault.message), true,
                         http1::ConnectionOption::close);
  const bool written = co_await write_all(out_);
  if (!written) co_return;
  tls_.close();
  co_await linger();
}

// Closing a socket with unread bytes resets the connection, and the reset overtakes the answer. So
// what the client still sends is taken and dropped, for a while.
Task<void> Connection::linger() {
  boost::system::error_code error;
  socket_.shutdown(Socket::shutdown_send, error);
  set_deadline(kLingerTimeout);
  const auto deadline = deadline_;
  std::size_t dropped = 0;
  while (!error && dropped < kLingerBytesMax) {
    deadline_ = deadline;
    const bool readable = co_await wait_as_told(TlsStream::Outcome::want_read);
    if (!readable) co_return;
    const auto count = socket_.read_some(asio::buffer(loop_.scratch), error);
    if (error == asio::error::would_block) error.clear();
    dropped += count;
  }
}

}  // namespace vitrine::net
