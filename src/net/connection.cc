#include "net/connection.h"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "base/log.h"
#include "net/ticket.h"

// Coroutines here await in statements of their own, and leave initializer lists to plain functions:
// g++ 12 makes wrong code of some such expressions.
namespace vitrine::net {
namespace {

constexpr const char* kRetryAfterSeconds = "1";

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
      wire_(loop, std::move(socket), std::move(tls)),
      peer_address_(address_of(wire_.socket())),
      place_(loop_.connections.insert(loop_.connections.end(), this)) {}

Connection::~Connection() { loop_.connections.erase(place_); }

void Connection::expire_if_late(Clock::time_point now) {
  wire_.expire_if_late(now);
  if (serving_) serving_->expire(now);
}

void Connection::stop() {
  if (serving_) {
    serving_->stop();
  } else {
    close_now();
  }
}

void Connection::close_now() {
  wire_.close_now();
  if (serving_) serving_->wake();
}

void Connection::answer(std::uint64_t exchange, std::optional<Response> response) {
  if (serving_) serving_->answer(exchange, std::move(response));
}

bool Connection::may_make_room() const {
  return !wire_.closing() && (!serving_ || serving_->may_close());
}

void Connection::note_use() {
  loop_.connections.splice(loop_.connections.end(), loop_.connections, place_);
}

Task<void> Connection::run() {
  const bool agreed = co_await handshake();
  if (!agreed) co_return;
  client_certificate_ = wire_.tls().peer_certificate();
  serving_ = wire_.tls().protocol() == "h2" ? make_http2_serving(*this) : make_http1_serving(*this);
  co_await serving_->run();
  wire_.tls().close();
}

Task<bool> Connection::handshake() {
  wire_.set_deadline(limits().handshake_timeout);
  while (true) {
    const auto outcome = wire_.tls().handshake();
    if (outcome == TlsStream::Outcome::done) {
      note_handshake();
      co_return true;
    }
    const bool again = co_await wire_.wait_as_told(outcome);
    if (!again) break;
  }
  note_failed_handshake();
  co_return false;
}

void Connection::note_handshake() const {
  count(shared().counters.handshakes_done);
  if (wire_.tls().resumed()) count(shared().counters.handshakes_resumed);
}

void Connection::note_failed_handshake() const {
  count(shared().counters.handshakes_failed);
  if (wire_.late()) count(shared().counters.handshakes_late);
  log::debug("TLS handshake failed", {{"peer", peer_address_}, {"reason", wire_.tls().failure()}});
}

void Connection::hand_over(std::uint64_t exchange, Request request, BodyCharge charge) {
  note_use();
  request.peer_address = peer_address_;
  request.client_certificate = client_certificate_;
  const Respond respond = make_respond(exchange, std::move(charge));
  try {
    shared().handler(std::move(request), respond);
  } catch (...) {
    log::error("a handler threw");
    respond(framework_response(500, "InternalError", "Exception thrown while executing."));
  }
}

Respond Connection::make_respond(std::uint64_t exchange, BodyCharge charge) {
  auto ticket = std::make_shared<Ticket>(loop_.shared_from_this(), weak_from_this(), exchange,
                                         std::move(charge));
  return [ticket = std::move(ticket)](Response response) { ticket->answer(std::move(response)); };
}

Response Connection::refusal(const Fault& fault) const {
  count(shared().counters.requests_refused);
  return framework_response(fault.status, fault.code, fault.message);
}

Response Connection::unanswered() const {
  return framework_response(500, "InternalError", "The request was dropped without an answer.");
}

Response Connection::framework_response(int status, std::string_view code,
                                        std::string_view message) const {
  Response response{status, {}, {}};
  try {
    response = shared().framework_error(status, code, message);
  } catch (...) {
    log::error("the framework error threw");
  }
  if (status == 503 && !find_header(response.headers, "retry-after")) {
    response.headers.emplace_back("retry-after", kRetryAfterSeconds);
  }
  return response;
}

}  // namespace vitrine::net
