// The KMS's HPKE keys and their formats (kms-api.md 4). Public halves only; private bytes pass
// through as secrets. X25519 now; the algorithm is part of the item, so that P-256 and P-384 can
// follow.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"
#include "codec/json.h"
#include "crypto/kem.h"

namespace vitrine::keys {

// An item of the key store without its private half.
struct PublicItem {
  crypto::Kem kem = crypto::Kem::x25519_sha256;
  std::uint64_t number = 0;  // 1 for the service's first key, then +1
  std::string kid;           // base64url(SHA-256(PEM)) "_" number
  unsigned id = 0;           // number mod 90 + 10
  Bytes public_key;          // raw, as HPKE serialises it
  Time created;
  std::optional<Time> expiry;  // as said at creation; informative
};

// "…PEM…" of the SubjectPublicKeyInfo, with final newline (kms-api.md 4.1).
std::string public_pem(crypto::Kem kem, ByteView public_key);
std::string kid_of(crypto::Kem kem, ByteView public_key, std::uint64_t number);
unsigned id_of(std::uint64_t number);
std::uint8_t ohttp_key_id(unsigned id);  // 26 → 0x26
// SHA-256 of the text of `x`: the claims digest of the key's receipt (kms-api.md 9).
Digest claims_digest(const PublicItem& item);

// Members in the order of kms-api.md 4.1.
codec::json::Object public_jwk(const PublicItem& item);   // 4.3, without receipt
codec::json::Object listed_keys(const PublicItem& item);  // 2.5
codec::json::Object public_tink(const PublicItem& item, std::string_view receipt);  // 4.5
// The private "tink" envelope's text (4.6) for one key or several, newest first.
std::string tink_envelope(const std::vector<PublicItem>& items, Time now);
SecretBytes private_jwk(const PublicItem& item, ByteView private_key);  // 4.8, compact JSON
SecretBytes private_tink(ByteView private_key);                         // 4.7, 101 bytes for X25519
// Reads what private_jwk or private_tink wrote (for clients): the raw private key.
Result<SecretBytes> private_key_from_jwk(ByteView jwk);
Result<SecretBytes> private_key_from_tink(ByteView keyset);

}  // namespace vitrine::keys
