// A blocking HTTPS/1.1 client: one connection, kept alive, bounded in size and time. Trust is a
// pinned certificate, or several, or, said aloud, none. Not thread-safe; make one per thread.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "net/http.h"

namespace vitrine::net {

struct ClientConfig {
  std::string url;  // "https://127.0.0.1:8000", no path
  std::optional<crypto::Certificate>
      pinned;  // the root that the server's chain must end in; host name is checked too
  // More of them, any of which a chain may end in: the certificates of a bundle.
  std::vector<crypto::Certificate> roots;
  bool insecure_skip_verify = false;  // needed where nothing is pinned
  struct Identity {
    crypto::Certificate certificate;
    crypto::PrivateKey key;
  };
  std::optional<Identity> identity;           // client certificate
  std::chrono::milliseconds timeout{30'000};  // of one exchange
  std::size_t body_bytes_max = 16'777'216;
  const std::atomic<bool>* stopped = nullptr;  // borrowed: once true, exchanges end as unavailable
};

class Client {
 public:
  static Result<std::unique_ptr<Client>> make(ClientConfig config);
  virtual ~Client() = default;
  // unavailable: can't connect, or timed out. denied: the server's certificate. malformed: not
  // HTTP, over the bounds. A request whose connection closed before any answer byte is sent once
  // more only if its method is GET.
  virtual Result<Response> send(const Request& request) = 0;
};

}  // namespace vitrine::net
