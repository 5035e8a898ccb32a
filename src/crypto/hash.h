// SHA-2, HMAC (RFC 2104) and HKDF (RFC 5869). Algorithms are fetched from OpenSSL once. Safe from
// any thread.
#pragma once

#include <array>
#include <initializer_list>
#include <memory>

#include "base/bytes.h"
#include "base/secret.h"

namespace vitrine::crypto {

enum class Hash { sha256, sha384, sha512 };
std::size_t hash_size(Hash hash);

Digest sha256(ByteView bytes);
Digest sha256(std::initializer_list<ByteView> parts);  // of the concatenation
Bytes digest(Hash hash, ByteView bytes);               // 32, 48 or 64 bytes

// A running SHA-256.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void update(ByteView bytes);
  Digest finish();  // once

 private:
  struct State;
  std::unique_ptr<State> state_;
};

SecretBytes hmac(Hash hash, ByteView key, ByteView message);
SecretBytes hmac_of_parts(Hash hash, ByteView key, std::initializer_list<ByteView> message);
Digest hmac_sha256(ByteView key, ByteView message);  // a tag that may be published
// Extract; an empty salt is hash-size zero bytes.
SecretBytes hkdf_extract(Hash hash, ByteView salt, ByteView ikm);
// The same of a concatenation, so that a secret need not be copied behind a label.
SecretBytes hkdf_extract_of_parts(Hash hash, ByteView salt, std::initializer_list<ByteView> ikm);
// Expand; asserts size <= 255 * hash size.
SecretBytes hkdf_expand(Hash hash, ByteView prk, ByteView info, std::size_t size);
SecretBytes hkdf(Hash hash, ByteView salt, ByteView ikm, ByteView info, std::size_t size);

}  // namespace vitrine::crypto
