// Asymmetric keys for signatures: RSA (2048 to 4096 bits), EC P-256, P-384, P-521, Ed25519. Keys
// are parsed once and shared; a copy of a PublicKey is a reference count. Safe from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/hash.h"

typedef struct evp_pkey_st EVP_PKEY;

namespace vitrine::crypto {

struct PublicKeyParts;   // crypto/spki.h
struct PrivateKeyParts;  // crypto/pkcs8.h

enum class KeyKind { rsa, ec_p256, ec_p384, ec_p521, ed25519, x25519 };

// A signature algorithm fixes hash, padding and encoding; it is chosen by the caller, never by the
// input.
enum class SignatureAlgorithm {
  rsa_pkcs1_sha256,
  rsa_pkcs1_sha384,
  rsa_pkcs1_sha512,
  rsa_pss_sha256,
  rsa_pss_sha384,
  rsa_pss_sha512,  // MGF1 with the same hash, salt as long as the hash
  ecdsa_sha256_der,
  ecdsa_sha384_der,
  ecdsa_sha512_der,
  ecdsa_sha256_raw,
  ecdsa_sha384_raw,
  ecdsa_sha512_raw,  // r || s, each as wide as the field
  ed25519,
};

class PublicKey {
 public:
  // SubjectPublicKeyInfo, DER. malformed: not one, trailing bytes, a kind or size outside the list
  // above, RSA exponent even, below 3 or of 2^32 and more, EC point not on its curve or not
  // uncompressed.
  static Result<PublicKey> from_spki(ByteView der);
  static Result<PublicKey> from_pem(std::string_view pem);    // one "PUBLIC KEY" block
  static Result<PublicKey> from_rsa(ByteView n, ByteView e);  // big-endian
  static Result<PublicKey> from_ec(KeyKind curve, ByteView x, ByteView y);  // exact field width
  static Result<PublicKey> from_ed25519(ByteView raw);

  KeyKind kind() const;
  std::size_t bits() const;   // of the modulus or the field
  const Bytes& spki() const;  // DER
  const Digest& spki_sha256() const;
  std::string pem() const;
  Bytes rsa_modulus() const;  // big-endian; asserts kind
  Bytes rsa_exponent() const;
  Bytes ec_point() const;  // 04 || x || y; asserts kind
  bool operator==(const PublicKey& other) const { return spki_sha256() == other.spki_sha256(); }

  // denied: the signature does not verify. malformed: algorithm does not fit the key, wrong length,
  // r or s out of range.
  Status verify(SignatureAlgorithm algorithm, ByteView message, ByteView signature) const;
  // ECDSA, DER, over a value that is already the hash (CCF receipts, ccf.md 7).
  Status verify_prehashed(ByteView hash, ByteView signature_der) const;

  // RSA-OAEP (RFC 8017 7.1) with SHA-256 for hash and MGF1, empty label. malformed: not RSA;
  // plaintext over k - 66.
  Result<Bytes> oaep_encrypt(ByteView plaintext) const;

  EVP_PKEY* native() const;  // for crypto and net only; borrowed

 private:
  friend class PrivateKey;
  struct State;
  explicit PublicKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  static Result<PublicKey> from_parts(PublicKeyParts parts);
  std::shared_ptr<const State> state_;
};

class PrivateKey {
 public:
  static Result<PrivateKey> generate(KeyKind kind, std::size_t rsa_bits = 4096);
  // malformed: not an unencrypted PrivateKeyInfo (RFC 5208) of a kind above, trailing bytes, or the
  // public half it carries is not that of its private half.
  static Result<PrivateKey> from_pkcs8(ByteView der);
  // One block "PRIVATE KEY", "EC PRIVATE KEY" or "RSA PRIVATE KEY"; an "EC PARAMETERS" block before
  // it, as `openssl ecparam -genkey` writes, is passed over.
  static Result<PrivateKey> from_pem(std::string_view pem);

  const PublicKey& public_key() const;
  KeyKind kind() const { return public_key().kind(); }
  SecretBytes pkcs8() const;
  SecretBytes pem() const;

  // internal: algorithm does not fit the key.
  Result<Bytes> sign(SignatureAlgorithm algorithm, ByteView message) const;
  Result<Bytes> sign_prehashed(ByteView hash) const;            // ECDSA, DER
  Result<SecretBytes> oaep_decrypt(ByteView ciphertext) const;  // denied: does not open

  EVP_PKEY* native() const;  // for crypto and net only; borrowed

 private:
  struct State;
  explicit PrivateKey(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  static Result<PrivateKey> from_parts(const PrivateKeyParts& parts);
  std::shared_ptr<const State> state_;
};

// The natural ECDSA algorithm of a curve: P-256 sha256, P-384 sha384, P-521 sha512.
SignatureAlgorithm ecdsa_raw_for(KeyKind curve);
SignatureAlgorithm ecdsa_der_for(KeyKind curve);

}  // namespace vitrine::crypto
