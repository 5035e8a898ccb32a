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
  std::chrono::milliseconds handshake_timeout{10'000};
  std::chrono::milliseconds idle_timeout{60'000};
  std::chrono::milliseconds request_timeout{30'000};  // header and body read
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
  // Stops accepting, lets requests under way finish for at most `grace`, closes, joins its threads.
  virtual void stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace vitrine::net
