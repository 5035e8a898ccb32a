// Raw Diffie-Hellman for the KEM: X25519 (RFC 7748), and ECDH on P-256 and P-384 with the x
// coordinate as result (hpke-ohttp.md 3). Internal to crypto.
#pragma once

#include "base/secret.h"
#include "crypto/key.h"

namespace vitrine::crypto {

struct DiffieHellmanPair {
  Bytes public_key;  // 32 bytes, or 04 || x || y
  SecretBytes private_key;
};

Result<DiffieHellmanPair> diffie_hellman_generate(KeyKind kind);
Result<Bytes> diffie_hellman_public_of(KeyKind kind, ByteView private_key);
// `own_public` belongs to `private_key`. malformed: `other_public` has the wrong length or form or
// is not on the curve, or `private_key` is out of range. denied: X25519 gave all zero.
Result<SecretBytes> diffie_hellman(KeyKind kind, ByteView private_key, ByteView own_public,
                                   ByteView other_public);
// Whether big-endian bytes are a private key of a NIST curve: exact width, from 1 below the order.
bool is_private_scalar(KeyKind curve, ByteView scalar);

}  // namespace vitrine::crypto
