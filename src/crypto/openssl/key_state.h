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

}  // namespace vitrine::crypto
