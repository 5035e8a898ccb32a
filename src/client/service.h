// The HTTP client of the service: one function per endpoint of kms-api.md 2 and ccf.md 7, 9. It
// carries requests and reads answers; what an answer proves is checked by receipt.h and release.h.
// Not thread-safe; make one per thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "client/answer.h"
#include "client/public_key.h"
#include "net/client.h"

namespace vitrine::client {

enum class PolicyKind { release, jwt, rotation, settings };
std::string_view name_of(PolicyKind kind);
Result<PolicyKind> policy_kind_from(std::string_view name);

// An answer about a public key, and its text as served (what `--out` keeps).
struct PublicKeyAnswer {
  PublicKey key;
  codec::json::Object json;
  std::string transaction_id;
};

struct KeyAnswer {
  std::string kid;      // wrappedKid
  std::string wrapped;  // empty, or the placeholder envelope of kms-api.md 4.6
  std::string receipt;
  std::string transaction_id;
};

struct UnwrapRequest {
  codec::json::Object attestation;  // kms-api.md 6.1
  std::string wrapping_key_pem;     // exactly the text whose hash is in the report data
  std::string kid;
  KeyFormat format = KeyFormat::jwk;
};

struct UnwrapAnswer {
  Bytes wrapped;  // RSA-OAEP ciphertext
  std::string receipt;
  std::string transaction_id;  // of the release's own entry
};

class Service {
 public:
  explicit Service(std::unique_ptr<net::Client> http) : http_(std::move(http)) {}
  static Result<Service> connect(net::ClientConfig config);

  // Sent as bearer token with each request from now on; empty sends none.
  void set_token(SecretBytes token) { token_ = std::move(token); }

  Result<Answer> heartbeat() { return get("/app/heartbeat"); }
  Result<Answer> auth() { return get("/app/auth"); }
  Result<Answer> network() { return get("/node/network"); }
  Result<Answer> state() { return get("/node/state"); }
  Result<Answer> version() { return get("/node/version"); }
  Result<Answer> issuer_refreshes() { return get("/node/jwt_keys/refresh/metrics"); }
  Result<Answer> commit() { return get("/app/commit"); }
  Result<Answer> transaction(std::string_view id);  // "2.14"
  Result<Answer> receipt(std::string_view id);
  // The newest exposed key where `kid` is empty. not_found: no such key, or none at all.
  Result<PublicKeyAnswer> pubkey(std::string_view kid, KeyFormat format);
  Result<Answer> list_pubkeys();  // not_found: no keys
  Result<PublicKeyAnswer> refresh();
  // The newest key at once where `kid` is empty.
  Result<KeyAnswer> key(const codec::json::Object& attestation, std::string_view kid,
                        KeyFormat format);
  Result<UnwrapAnswer> unwrap(const UnwrapRequest& request);
  Result<Answer> policy(PolicyKind kind);  // not_found: it is not set
  Result<Answer> proposals() { return get("/app/proposals"); }
  Result<Answer> propose(ByteView cose_sign1);

  // The answer as it came, whatever its status.
  Result<net::Response> send(std::string method, std::string target, std::string body,
                             std::string_view content_type);

 private:
  Result<Answer> get(const std::string& target);
  Result<Answer> post(const std::string& target, std::string body, std::string_view content_type);

  std::unique_ptr<net::Client> http_;
  SecretBytes token_;
};

// RFC 3986 percent-encoding of a query value.
std::string percent_encoded(std::string_view text);

}  // namespace vitrine::client
