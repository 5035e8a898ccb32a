// What PublicKey and PrivateKey share between their copies.
#pragma once

#include "crypto/key.h"
#include "crypto/openssl/handle.h"
#include "crypto/pkcs8.h"
#include "crypto/spki.h"

namespace vitrine::crypto {

struct PublicKey::State {
  openssl::KeyHandle key;
  PublicKeyParts parts;
  std::size_t bits = 0;
  Bytes spki;
  Digest spki_sha256;
};

struct PrivateKey::State {
  openssl::KeyHandle key;
  PublicKey public_key;
};

namespace openssl {

// nullptr where libcrypto fails. `rsa_bits` counts for RSA only.
KeyHandle generate_key(KeyKind kind, std::size_t rsa_bits = 4096);
// Both halves of a key object made by generate_key() or from private parts.
PrivateKeyParts parts_of(const EVP_PKEY* key, KeyKind kind);

}  // namespace openssl

}  // namespace vitrine::crypto
