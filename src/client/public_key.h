// A public key of the service, as its answers and saved files show it (kms-api.md 2.3, 4.3, 4.5).
// Pure; a value.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "codec/json.h"
#include "crypto/kem.h"

namespace vitrine::client {

enum class KeyFormat { jwk, tink };
std::string_view name_of(KeyFormat format);  // "jwk", "tink"
Result<KeyFormat> key_format_from(std::string_view name);

struct PublicKey {
  crypto::Kem kem = crypto::Kem::x25519_sha256;
  std::string kid;  // empty in the tink form, which names none
  unsigned id = 0;
  std::string x;  // base64url of the raw key: the text whose SHA-256 is the receipt's claim
  Bytes public_key;
  std::optional<Time> created;
  std::optional<Time> expiry;
  std::string receipt;  // JSON text; empty where the answer has none
};

// Reads a JWK (with or without receipt) or the public tink form; unknown members are ignored.
// malformed names the member.
Result<PublicKey> public_key_from_json(const codec::json::Object& answer);

// The public half of a private key, in the text of `x`.
std::string x_of(ByteView public_key);

// True when `kid` is of this key: its first part is base64url(SHA-256(PEM)) (kms-api.md 4.1).
bool kid_belongs_to(std::string_view kid, crypto::Kem kem, ByteView public_key);

}  // namespace vitrine::client
