// Encrypting to a key of the service, and opening with a released one: HPKE (RFC 9180), mode base,
// DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM; info "vitrine/seal v1", aad empty
// (decisions.md, Wire). Pure; safe from any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "client/public_key.h"
#include "codec/json.h"

namespace vitrine::client {

inline constexpr std::string_view kSealInfo = "vitrine/seal v1";

struct Sealed {
  std::string kid;  // of the key it was sealed to; may be empty
  Bytes enc;
  Bytes ciphertext;
};

codec::json::Object to_json(const Sealed& sealed);  // {"kid","enc","ct"}, base64url
// malformed: not that object, or a member that is not base64url; other members are refused.
Result<Sealed> sealed_from_json(std::string_view text);

// A private key as released: its raw bytes and the public half they give.
struct PrivateKey {
  crypto::Kem kem = crypto::Kem::x25519_sha256;
  SecretBytes private_key;
  Bytes public_key;
};
// Reads what a release gives: the JWK text or the binary Tink keyset (kms-api.md 4.7, 4.8).
Result<PrivateKey> read_private_key(ByteView file);

Result<Sealed> seal(const PublicKey& key, ByteView plaintext);
// denied: sealed to another key, or altered.
Result<SecretBytes> open(const Sealed& sealed, const PrivateKey& key);

}  // namespace vitrine::client
