// DHKEM (RFC 9180 4.1): X25519, P-256, P-384. Sizes come from the table of the KEM, never from
// constants.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace vitrine::crypto {

enum class Kem : std::uint16_t {
  p256_sha256 = 0x0010,
  p384_sha384 = 0x0011,
  x25519_sha256 = 0x0020
};

struct KemSizes {
  std::size_t secret, enc, public_key, private_key;
};
KemSizes kem_sizes(Kem kem);
Result<Kem> kem_from_id(std::uint16_t id);

struct KemKeyPair {
  Bytes public_key;  // as RFC 9180 serialises it
  SecretBytes private_key;
};
Result<KemKeyPair> kem_generate(Kem kem);                       // by OpenSSL's generator
Result<KemKeyPair> kem_derive_key_pair(Kem kem, ByteView ikm);  // RFC 9180 7.1.3; for the vectors
// The test of a candidate of DeriveKeyPair for the NIST curves: exact width, 0 < scalar < order.
bool kem_accepts_scalar(Kem kem, ByteView candidate);
Result<Bytes> kem_public_of(Kem kem, ByteView private_key);

struct Encapsulation {
  SecretBytes shared_secret;
  Bytes enc;
};
// malformed: the public key is not one. denied: Diffie-Hellman gave zero.
Result<Encapsulation> kem_encap(Kem kem, ByteView public_key);
Result<Encapsulation> kem_encap_for_testing(Kem kem, ByteView public_key,
                                            ByteView ephemeral_private_key);
// `public_key` belongs to `private_key`; kept beside it so that it is not computed each time.
// denied, in one wording: `enc` is not a public key, or Diffie-Hellman gave zero. malformed: the
// private key is not one.
Result<SecretBytes> kem_decap(Kem kem, ByteView enc, ByteView private_key, ByteView public_key);

}  // namespace vitrine::crypto
