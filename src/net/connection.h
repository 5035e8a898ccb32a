// One client's connection: TLS handshake, then requests by the protocol that was agreed. Lives on
// one loop; answers from other threads are posted there.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_fault.h"
#include "net/loop.h"
#include "net/server_shared.h"
#include "net/serving.h"
#include "net/wire.h"

namespace vitrine::net {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  // On the loop's thread. `tls` reads and writes `socket`.
  static void start(Loop& loop, ConnectionSlot slot, Socket socket, TlsStream tls);
  Connection(Loop& loop, ConnectionSlot slot, Socket socket, TlsStream tls);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // All on the loop's thread.
  void expire_if_late(Clock::time_point now);
  void stop();  // as soon as no request is under way
  void close_now();
  void answer(std::uint64_t exchange, std::optional<Response> response);
  // Whether it may go to make room for another: it has nothing under way, and does not go already.
  bool may_make_room() const;
  const AddressKey& address_key() const { return slot_.key(); }

  // For what serves on it.
  Wire& wire() { return wire_; }
  Loop& loop() { return loop_; }
  const ServerLimits& limits() const { return loop_.limits; }
  ServerShared& shared() const { return *slot_.shared(); }
  // Calls the handler, whose answer comes to the serving as answer(exchange, …), perhaps at once.
  void hand_over(std::uint64_t exchange, Request request, BodyCharge charge);
  // The server's own answer; counted where it refuses what a client sent.
  Response refusal(const Fault& fault) const;
  Response unanswered() const;
  void note_use();  // the last to be closed to make room

 private:
  Task<void> run();
  Task<bool> handshake();
  void note_handshake() const;
  void note_failed_handshake() const;
  Response framework_response(int status, std::string_view code, std::string_view message) const;
  Respond make_respond(std::uint64_t exchange, BodyCharge charge);

  Loop& loop_;  // owns the coroutine that owns this
  ConnectionSlot slot_;
  Wire wire_;
  std::string peer_address_;
  Bytes client_certificate_;
  std::unique_ptr<Serving> serving_;  // from the handshake's end on
  std::list<Connection*>::iterator place_;
};

}  // namespace vitrine::net
