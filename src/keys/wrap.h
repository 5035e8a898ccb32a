// Wrapping a private key for the workload whose evidence binds the wrapping key (kms-api.md
// 5, 6.4). A release needs an AttestationResult (only policy::appraise makes one) and a BoundKey
// (only bound_by makes one).
#pragma once

#include <string>
#include <string_view>

#include "attestation/claims.h"
#include "base/recently_used.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/key.h"
#include "policy/appraisal.h"

namespace vitrine::keys {

// How the text of a wrapping key looks, for the contract's INVALID_PEM_FORMAT details.
struct PemLook {
  bool has_begin = false, has_end = false, has_literal_newline = false, has_actual_newline = false;
  bool acceptable = false;  // one block, LF newlines, final LF, nothing else (kms-api.md 5.2, Rule)
};
PemLook look_at_pem(std::string_view text);

class BoundKey;

// Wrapping keys that evidence vouched for before, by SHA-256 of their exact text, so that the text
// is read and the modulus prepared once. What is remembered is what reading the text gives and
// depends on nothing else; that the evidence at hand binds the text is checked each time. Bounded,
// and only keys that evidence bound get in.
class WrappingKeys {
 public:
  static constexpr std::size_t kKeysMax = 1024;
  explicit WrappingKeys(std::size_t keys_max = kKeysMax) : keys_(keys_max) {}
  std::size_t size_for_testing() { return keys_.size(); }

 private:
  friend Result<BoundKey> bound_by(const attestation::Claims& claims,
                                   std::string_view wrapping_key_text, WrappingKeys& known);
  RecentlyUsed<crypto::PublicKey> keys_;
};

// A wrapping key that verified evidence vouches for: SHA-256 of the text as sent equals
// report_data[0..31], and bytes 32..63 are zero.
class BoundKey {
 public:
  const crypto::PublicKey& key() const { return key_; }
  const Digest& text_sha256() const { return text_sha256_; }

 private:
  friend Result<BoundKey> bound_by(const attestation::Claims& claims,
                                   std::string_view wrapping_key_text, WrappingKeys& known);
  BoundKey(crypto::PublicKey key, Digest digest) : key_(std::move(key)), text_sha256_(digest) {}
  crypto::PublicKey key_;
  Digest text_sha256_;
};

// denied: hash differs, or the upper half is not zero. malformed: not one RSA key of 2048 to 4096
// bits (kms-api.md 5.1), which is found out before anything is computed with it.
Result<BoundKey> bound_by(const attestation::Claims& claims, std::string_view wrapping_key_text,
                          WrappingKeys& known);
// "<16 hex>" prefixes for the WRAPPING_KEY_HASH_MISMATCH header.
std::string hash_prefix(std::string_view wrapping_key_text);
std::string report_data_prefix(const attestation::Claims& claims);

// RSA-OAEP of the plaintext. malformed: the key is too small for it.
Result<Bytes> wrap_for(const policy::AttestationResult& result, const BoundKey& key,
                       ByteView plaintext);

// Its private half is published with the peers' samples (attestation.md 4): refused outside
// development.
bool is_published_sample_key(const crypto::PublicKey& key);

}  // namespace vitrine::keys
