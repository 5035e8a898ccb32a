// Private keys as DER: PrivateKeyInfo (RFC 5208, RFC 8410), and the older ECPrivateKey (RFC 5915)
// and RSAPrivateKey (RFC 8017 A.1.2). Read and written here because libcrypto leaves copies of what
// it encodes on the heap. Internal to crypto.
#pragma once

#include "base/secret.h"
#include "crypto/spki.h"

namespace vitrine::crypto {

struct PrivateKeyParts {
  PublicKeyParts public_parts;  // an EC point may be absent after reading; of the 25519 kinds it is
  SecretBytes scalar;           // EC: as wide as the field; Ed25519, X25519: 32 bytes
  // RSA: d, p, q, d mod p-1, d mod q-1, 1/q mod p; big-endian
  SecretBytes d, p, q, dp, dq, qinv;
};

Result<PrivateKeyParts> parse_pkcs8(ByteView der);
Result<PrivateKeyParts> parse_ec_private_key(ByteView der);
Result<PrivateKeyParts> parse_rsa_private_key(ByteView der);
SecretBytes write_pkcs8(const PrivateKeyParts& parts);

}  // namespace vitrine::crypto
