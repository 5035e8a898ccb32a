// COSE_Sign1 (RFC 9052 4.2) with an attached payload. The outer structure is strict
// (attestation.md 1.4); alg counts only in the protected header.
#pragma once

#include <optional>
#include <string>

#include "codec/cbor.h"
#include "crypto/key.h"

namespace vitrine::crypto {

// Parsed, not verified.
struct CoseSign1 {
  Bytes protected_bytes;                // as received
  codec::cbor::Value protected_header;  // a map without duplicate labels
  codec::cbor::Value unprotected_header;
  Bytes payload;
  Bytes signature;

  std::optional<std::int64_t> algorithm() const;  // label 1
  std::optional<Bytes> kid() const;               // label 4, byte string
};

enum class CoseTag { required, forbidden };
// malformed: not a COSE_Sign1, tag 18 missing or there against `tag`, detached payload, trailing
// bytes, a header less strict than `headers`.
Result<CoseSign1> parse_cose_sign1(
    ByteView bytes, CoseTag tag,
    codec::cbor::Strictness headers = codec::cbor::Strictness::foreign);

// IANA COSE algorithms: -7 ES256, -35 ES384, -36 ES512, -37 PS256, -38 PS384, -39 PS512. malformed:
// another.
Result<SignatureAlgorithm> cose_signature_algorithm(std::int64_t algorithm);
// denied: `algorithm` is not what the protected header says, does not fit the key, or the signature
// does not verify.
Status verify_cose_sign1(const CoseSign1& message, std::int64_t algorithm, const PublicKey& key);
// What an algorithm of cose_signature_algorithm() hashes before it signs, as an HSM wants it told.
Result<Hash> cose_hash(std::int64_t algorithm);
// What is hashed and signed (RFC 9052 4.4, no external data), and the tagged message that a
// signature completes: for a key that is elsewhere.
Bytes cose_signature_input(ByteView protected_bytes, ByteView payload);
Bytes write_cose_sign1(ByteView protected_bytes, const codec::cbor::Value& unprotected_header,
                       ByteView payload, ByteView signature);
// Tagged; `protected_header` must carry label 1.
Result<Bytes> sign_cose_sign1(const codec::cbor::Value& protected_header,
                              const codec::cbor::Value& unprotected_header, ByteView payload,
                              const PrivateKey& key);

}  // namespace vitrine::crypto
