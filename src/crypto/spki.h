// SubjectPublicKeyInfo (RFC 5280 4.1.2.7) of the key kinds we know, strictly: one encoding per key.
// Internal to crypto.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"

namespace vitrine::crypto {

struct PublicKeyParts {
  KeyKind kind = KeyKind::rsa;
  Bytes modulus, exponent;  // RSA: big-endian, without leading zeros
  Bytes point;              // EC: 04 || x || y; Ed25519 and X25519: 32 bytes
};

// Sizes and form are checked here; that a point is on its curve is checked by libcrypto.
Result<PublicKeyParts> parse_spki(ByteView der);
// RSA: 2048 to 4096 bits, both numbers odd, exponent from 3 below 2^32. Others: the point's form.
Status check_parts(const PublicKeyParts& parts);
Bytes write_spki(const PublicKeyParts& parts);

// AlgorithmIdentifiers of key kinds, as content octets of their object identifiers.
inline constexpr Byte kOidRsa[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
inline constexpr Byte kOidEc[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
inline constexpr Byte kOidEd25519[] = {0x2b, 0x65, 0x70};
inline constexpr Byte kOidX25519[] = {0x2b, 0x65, 0x6e};

// The content of a non-negative INTEGER, without its leading zero. malformed: negative, or not
// minimal.
Result<ByteView> unsigned_integer(ByteView content);

}  // namespace vitrine::crypto
