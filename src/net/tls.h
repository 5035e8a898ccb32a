// TLS over a socket that the caller waits on: the one place of net, with tls.cc and tls_context.cc,
// that sees libssl. A stream never blocks and never raises SIGPIPE; it says what to wait for.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/x509.h"
#include "net/client.h"
#include "net/server.h"

namespace vitrine::net {

struct SslContextFree {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
};
using SslContext = std::unique_ptr<SSL_CTX, SslContextFree>;

// TLS 1.2 (AEAD with ECDHE only) and 1.3; X25519, P-256, P-384; client certificates asked for and
// of ordinary keys all accepted (tls_client_certificate.h): the handshake proves possession,
// service judges whose it is. malformed: the key is not the first certificate's, no certificate.
Result<SslContext> make_server_context(const TlsIdentity& identity);
// The same versions and groups. Trusts config.pinned and config.roots alone, or nothing where it
// says insecure.
Result<SslContext> make_client_context(const ClientConfig& config);

class TlsStream {
 public:
  enum class Outcome { done, want_read, want_write, closed, failed };

  static Result<TlsStream> accept(SSL_CTX* context, int socket);  // `socket` stays the caller's
  // `host` is checked against the certificate where the context trusts a certificate.
  static Result<TlsStream> connect(SSL_CTX* context, int socket, const std::string& host);

  Outcome handshake();
  Outcome read(std::span<char> into, std::size_t& count);
  Outcome write(std::string_view bytes, std::size_t& count);
  void close();  // says goodbye once, without waiting; nothing after a failure

  Bytes peer_certificate() const;     // DER; empty where there is none
  std::string_view protocol() const;  // by ALPN; empty where none was agreed
  bool resumed() const { return SSL_session_reused(ssl_.get()) == 1; }
  // After a failure: why, for people. Whether it was the peer's certificate.
  std::string failure() const { return failure_; }
  bool certificate_refused() const;

 private:
  struct SslFree {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  TlsStream(SSL* ssl, int socket) : socket_(std::make_unique<int>(socket)), ssl_(ssl) {}
  static Result<TlsStream> make(SSL_CTX* context, int socket);
  Outcome outcome_of(int result);

  std::unique_ptr<int> socket_;  // where ssl_ finds its number, wherever this is moved to
  std::unique_ptr<SSL, SslFree> ssl_;
  bool broken_ = false;
  std::string failure_;
};

}  // namespace vitrine::net
