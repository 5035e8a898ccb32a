// The TLS listener: TLS 1.2 and 1.3, HTTP/1.1 with keep-alive and pipelining, client certificates
// requested and never required, every size, count and time bounded. Knows no route. Handlers may
// answer from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "net/http.h"

namespace vitrine::net {

struct ServerLimits {
  std::size_t header_bytes_max = 16'384;
  std::size_t body_bytes_max = 1'000'000;
  std::size_t connections_max = 10'000;
  // From one IPv4 address, or from one /64 of IPv6: what one subscriber is given.
  std::size_t connections_per_address_max = 1'000;
  // Of requests that are being read or answered, over all connections.
  std::size_t buffered_body_bytes_max = 67'108'864;
  std::chrono::milliseconds handshake_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};
  std::chrono::milliseconds request_timeout{30'000};  // header and body read
  std::chrono::milliseconds body_timeout{20'000};     // of it, from the end of the header on
};

// Counted since the start, but for what is open and buffered now.
struct ServerStats {
  std::uint64_t connections_open = 0;
  std::uint64_t buffered_body_bytes = 0;
  std::uint64_t connections_accepted = 0;
  std::uint64_t refused_by_total = 0;    // connections_max
  std::uint64_t refused_by_address = 0;  // connections_per_address_max
  std::uint64_t displaced = 0;           // closed while idle, to make room for another
  std::uint64_t handshakes_done = 0;
  std::uint64_t handshakes_resumed = 0;  // of those done
  std::uint64_t handshakes_failed = 0;
  std::uint64_t handshakes_late = 0;   // of those failed
  std::uint64_t requests_http1 = 0;    // handed to the handler
  std::uint64_t requests_http2 = 0;    // handed to the handler
  std::uint64_t requests_refused = 0;  // answered by the server itself, as too large or too late
  std::uint64_t floods_ended = 0;      // HTTP/2 connections ended for resets or frames without use
};

struct ServerConfig {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8000;  // 0: the system picks
  unsigned io_threads = 1;
  ServerLimits limits;
};

// What TLS presents: the certificate first, then those that lead to the root; and the first one's
// key.
struct TlsIdentity {
  std::vector<crypto::Certificate> chain;
  crypto::PrivateKey key;
};

using Respond = std::function<void(Response)>;  // call exactly once, from any thread
// Called on an I/O thread: answer at once if that is cheap, else hand the work to other threads and
// respond later.
using Handler = std::function<void(Request, Respond)>;
// For answers that the server itself gives: 400 (not HTTP), 408, 413, 431, 503.
using FrameworkError =
    std::function<Response(int status, std::string_view code, std::string_view message)>;

class Server {
 public:
  static Result<std::unique_ptr<Server>> start(const ServerConfig& config,
                                               const TlsIdentity& identity, Handler handler,
                                               FrameworkError framework_error);
  virtual ~Server() = default;
  virtual std::uint16_t port() const = 0;
  // Later connections see this identity.
  virtual Status set_identity(const TlsIdentity& identity) = 0;
  // Later connections and requests have these limits. malformed: one of them is 0.
  virtual Status set_limits(const ServerLimits& limits) = 0;
  virtual ServerStats stats() const = 0;  // from any thread
  // Stops accepting, lets requests under way finish for at most `grace`, closes, joins its threads.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace vitrine::net
