#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <cstring>

#include "net/tls.h"
#include "net/tls_client_certificate.h"

namespace vitrine::net {
namespace {

// X25519 first, then P-256: P-384 costs five times more per handshake.
constexpr std::string_view kGroups = "X25519:P-256:P-384";
constexpr const char* kTls12Suites =
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-ECDSA-CHACHA20-POLY1305:"
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-CHACHA20-POLY1305";
constexpr long kSessionSeconds = 3'600;

tl::unexpected<Error> tls_failure(const char* step) {
  const auto code = ERR_peek_last_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  auto error = malformed(std::string("TLS set-up: ") + step + ": " +
                         (reason == nullptr ? "refused by OpenSSL" : reason));
  ERR_clear_error();
  return error;
}

// What both sides have in common.
Result<SslContext> make_context(const SSL_METHOD* method) {
  SslContext context(SSL_CTX_new(method));
  if (context == nullptr) return tls_failure("make a context");
  SSL_CTX* c = context.get();
  SSL_CTX_set_options(c, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Buffers are freed between records, so that ten thousand idle connections stay small; a record
  // comes with one recv(2), not two.
  SSL_CTX_set_mode(c, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                          SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_read_ahead(c, 1);
  if (SSL_CTX_set_min_proto_version(c, TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_max_proto_version(c, TLS1_3_VERSION) != 1) {
    return tls_failure("choose versions");
  }
  std::string groups(kGroups);  // the macro casts, so what it gets must be writable
  if (SSL_CTX_set1_groups_list(c, groups.data()) != 1) return tls_failure("choose groups");
  if (SSL_CTX_set_cipher_list(c, kTls12Suites) != 1) return tls_failure("choose cipher suites");
  return context;
}

Status present(SSL_CTX* context, const crypto::Certificate& certificate,
               const crypto::PrivateKey& key) {
  if (!(certificate.public_key() == key.public_key())) {
    return malformed("TLS set-up: the private key is not that of certificate " +
                     certificate.subject_text());
  }
  if (SSL_CTX_use_certificate(context, certificate.native()) != 1) {
    return tls_failure("use the certificate");
  }
  if (SSL_CTX_use_PrivateKey(context, key.native()) != 1) return tls_failure("use the private key");
  return {};
}

// The client offers a list of length-prefixed names (RFC 7301 3.1); the first of ours that it knows
// is chosen.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                    const unsigned char* offered, unsigned offered_size, void*) {
  static constexpr unsigned char kOurs[] = "\x02h2\x08http/1.1\x08http/1.0";
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, chosen_size, kOurs, sizeof(kOurs) - 1, offered, offered_size);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

}  // namespace

Result<SslContext> make_server_context(const TlsIdentity& identity) {
  if (identity.chain.empty()) return malformed("TLS set-up: no certificate to present");
  VITRINE_TRY(auto context, make_context(TLS_server_method()));
  SSL_CTX* c = context.get();
  VITRINE_CHECK(present(c, identity.chain.front(), identity.key));
  for (std::size_t i = 1; i < identity.chain.size(); ++i) {
    if (SSL_CTX_add1_chain_cert(c, identity.chain[i].native()) != 1) {
      return tls_failure("present the chain");
    }
  }
  // Whose certificate it is and what it may do is judged per endpoint (kms-api.md 1.1), so no chain
  // is built here. The handshake's own signature check proves that the client has the key.
  judge_client_certificates(c);
  // Tickets carry the client's certificate; without a context id OpenSSL ends every resumption.
  static constexpr unsigned char kSessionContext[] = "vitrine";
  if (SSL_CTX_set_session_id_context(c, kSessionContext, sizeof(kSessionContext) - 1) != 1) {
    return tls_failure("name the session context");
  }
  SSL_CTX_set_session_cache_mode(c, SSL_SESS_CACHE_OFF);  // tickets alone: no state per client
  SSL_CTX_set_timeout(c, kSessionSeconds);
  if (SSL_CTX_set_num_tickets(c, 1) != 1) return tls_failure("set the number of tickets");
  SSL_CTX_set_alpn_select_cb(c, choose_protocol, nullptr);
  return context;
}

Result<SslContext> make_client_context(const ClientConfig& config) {
  VITRINE_TRY(auto context, make_context(TLS_client_method()));
  SSL_CTX* c = context.get();
  if (config.identity)
    VITRINE_CHECK(present(c, config.identity->certificate, config.identity->key));
  static constexpr unsigned char kOurs[] = "\x08http/1.1";
  if (SSL_CTX_set_alpn_protos(c, kOurs, sizeof(kOurs) - 1) != 0) return tls_failure("offer HTTP");
  std::vector<crypto::Certificate> roots = config.roots;
  if (config.pinned) roots.push_back(*config.pinned);
  if (roots.empty()) {
    SSL_CTX_set_verify(c, SSL_VERIFY_NONE, nullptr);
    return context;
  }
  // The store has these certificates and the system's are not loaded, so a chain ends there or
  // nowhere. They need not be a CA's: many services are their own root.
  X509_STORE* store = SSL_CTX_get_cert_store(c);
  for (const crypto::Certificate& root : roots) {
    if (X509_STORE_add_cert(store, root.native()) != 1)
      return tls_failure("trust the pinned certificate");
  }
  if (X509_STORE_set_flags(store, X509_V_FLAG_PARTIAL_CHAIN) != 1)
    return tls_failure("let a chain end in a pinned certificate");
  SSL_CTX_set_verify(c, SSL_VERIFY_PEER, nullptr);
  return context;
}

}  // namespace vitrine::net
