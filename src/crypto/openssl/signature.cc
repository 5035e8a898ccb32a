// Signing and verifying, for PublicKey and PrivateKey.
#include <openssl/rsa.h>

#include "crypto/curve.h"
#include "crypto/openssl/algorithms.h"
#include "crypto/openssl/ecdsa_signature.h"
#include "crypto/openssl/key_state.h"

namespace vitrine::crypto {
namespace {

using openssl::DigestContext;
using openssl::KeyContext;

enum class Family { rsa_pkcs1, rsa_pss, ecdsa_der, ecdsa_raw, ed25519 };
struct Scheme {
  Family family;
  Hash hash = Hash::sha256;
};

Scheme scheme_of(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::rsa_pkcs1_sha256:
      return {Family::rsa_pkcs1, Hash::sha256};
    case SignatureAlgorithm::rsa_pkcs1_sha384:
      return {Family::rsa_pkcs1, Hash::sha384};
    case SignatureAlgorithm::rsa_pkcs1_sha512:
      return {Family::rsa_pkcs1, Hash::sha512};
    case SignatureAlgorithm::rsa_pss_sha256:
      return {Family::rsa_pss, Hash::sha256};
    case SignatureAlgorithm::rsa_pss_sha384:
      return {Family::rsa_pss, Hash::sha384};
    case SignatureAlgorithm::rsa_pss_sha512:
      return {Family::rsa_pss, Hash::sha512};
    case SignatureAlgorithm::ecdsa_sha256_der:
      return {Family::ecdsa_der, Hash::sha256};
    case SignatureAlgorithm::ecdsa_sha384_der:
      return {Family::ecdsa_der, Hash::sha384};
    case SignatureAlgorithm::ecdsa_sha512_der:
      return {Family::ecdsa_der, Hash::sha512};
    case SignatureAlgorithm::ecdsa_sha256_raw:
      return {Family::ecdsa_raw, Hash::sha256};
    case SignatureAlgorithm::ecdsa_sha384_raw:
      return {Family::ecdsa_raw, Hash::sha384};
    case SignatureAlgorithm::ecdsa_sha512_raw:
      return {Family::ecdsa_raw, Hash::sha512};
    case SignatureAlgorithm::ed25519:
      break;
  }
  return {Family::ed25519};
}

bool fits(Family family, KeyKind kind) {
  switch (family) {
    case Family::rsa_pkcs1:
    case Family::rsa_pss:
      return kind == KeyKind::rsa;
    case Family::ecdsa_der:
    case Family::ecdsa_raw:
      return is_ec(kind);
    case Family::ed25519:
      break;
  }
  return kind == KeyKind::ed25519;
}

tl::unexpected<Error> does_not_verify() { return denied("signature does not verify"); }

bool set_up_rsa(EVP_PKEY_CTX* context, const Scheme& scheme) {
  const EVP_MD* const md = openssl::digest_of(scheme.hash);
  if (EVP_PKEY_CTX_set_signature_md(context, md) != 1) return false;
  if (scheme.family == Family::rsa_pkcs1) {
    return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PADDING) == 1;
  }
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_PSS_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, md) == 1 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(context, RSA_PSS_SALTLEN_DIGEST) == 1;
}

bool is_rsa(const Scheme& scheme) {
  return scheme.family == Family::rsa_pkcs1 || scheme.family == Family::rsa_pss;
}

Status verify_ed25519(EVP_PKEY* key, ByteView message, ByteView signature) {
  if (signature.size() != 64) return malformed("Ed25519 signature: not 64 bytes");
  const DigestContext context(EVP_MD_CTX_new());
  if (context == nullptr ||
      EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) !=
          1 ||
      EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(),
                       message.size()) != 1) {
    return does_not_verify();
  }
  return {};
}

// `scheme` is nullptr for a value that is the hash already.
Status verify_hash(EVP_PKEY* key, const Scheme* scheme, ByteView hash, ByteView signature) {
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  if (context == nullptr || EVP_PKEY_verify_init(context.get()) != 1 ||
      (scheme != nullptr && is_rsa(*scheme) && !set_up_rsa(context.get(), *scheme)) ||
      EVP_PKEY_verify(context.get(), signature.data(), signature.size(), hash.data(),
                      hash.size()) != 1) {
    return does_not_verify();
  }
  return {};
}

Result<Bytes> sign_ed25519(EVP_PKEY* key, ByteView message) {
  const DigestContext context(EVP_MD_CTX_new());
  Bytes out(64);
  std::size_t size = out.size();
  if (context == nullptr ||
      EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key, nullptr) != 1 ||
      EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()) != 1) {
    return internal("signing: libcrypto fails");
  }
  return out;
}

Result<Bytes> sign_hash(EVP_PKEY* key, const Scheme* scheme, ByteView hash) {
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr));
  std::size_t size = 0;
  if (context == nullptr || EVP_PKEY_sign_init(context.get()) != 1 ||
      (scheme != nullptr && is_rsa(*scheme) && !set_up_rsa(context.get(), *scheme)) ||
      EVP_PKEY_sign(context.get(), nullptr, &size, hash.data(), hash.size()) != 1) {
    return internal("signing: libcrypto fails");
  }
  Bytes out(size);
  if (EVP_PKEY_sign(context.get(), out.data(), &size, hash.data(), hash.size()) != 1) {
    return internal("signing: libcrypto fails");
  }
  out.resize(size);
  return out;
}

}  // namespace

Status PublicKey::verify(SignatureAlgorithm algorithm, ByteView message, ByteView signature) const {
  const openssl::ErrorScope errors;
  const Scheme scheme = scheme_of(algorithm);
  if (!fits(scheme.family, kind())) return malformed("signature algorithm does not fit the key");
  if (scheme.family == Family::ed25519) return verify_ed25519(native(), message, signature);
  Bytes der;
  if (scheme.family == Family::ecdsa_raw) {
    VITRINE_TRY(der, openssl::ecdsa_der_from_raw(kind(), signature));
    signature = der;
  } else if (scheme.family == Family::ecdsa_der) {
    VITRINE_CHECK(openssl::check_ecdsa_der(kind(), signature));
  } else if (signature.size() != (bits() + 7) / 8) {
    return malformed("RSA signature: not as long as the modulus");
  }
  return verify_hash(native(), &scheme, digest(scheme.hash, message), signature);
}

Status PublicKey::verify_prehashed(ByteView hash, ByteView signature_der) const {
  const openssl::ErrorScope errors;
  if (!is_ec(kind())) return malformed("signature algorithm does not fit the key");
  VITRINE_CHECK(openssl::check_ecdsa_der(kind(), signature_der));
  return verify_hash(native(), nullptr, hash, signature_der);
}

Result<Bytes> PrivateKey::sign(SignatureAlgorithm algorithm, ByteView message) const {
  const openssl::ErrorScope errors;
  const Scheme scheme = scheme_of(algorithm);
  if (!fits(scheme.family, kind())) return internal("signing: algorithm does not fit the key");
  if (scheme.family == Family::ed25519) return sign_ed25519(native(), message);
  VITRINE_TRY(auto signature, sign_hash(native(), &scheme, digest(scheme.hash, message)));
  if (scheme.family == Family::ecdsa_raw) return openssl::ecdsa_raw_from_der(kind(), signature);
  return signature;
}

Result<Bytes> PrivateKey::sign_prehashed(ByteView hash) const {
  const openssl::ErrorScope errors;
  if (!is_ec(kind())) return internal("signing: algorithm does not fit the key");
  return sign_hash(native(), nullptr, hash);
}

SignatureAlgorithm ecdsa_raw_for(KeyKind curve) {
  VITRINE_ASSERT(is_ec(curve));
  return curve == KeyKind::ec_p256   ? SignatureAlgorithm::ecdsa_sha256_raw
         : curve == KeyKind::ec_p384 ? SignatureAlgorithm::ecdsa_sha384_raw
                                     : SignatureAlgorithm::ecdsa_sha512_raw;
}

SignatureAlgorithm ecdsa_der_for(KeyKind curve) {
  VITRINE_ASSERT(is_ec(curve));
  return curve == KeyKind::ec_p256   ? SignatureAlgorithm::ecdsa_sha256_der
         : curve == KeyKind::ec_p384 ? SignatureAlgorithm::ecdsa_sha384_der
                                     : SignatureAlgorithm::ecdsa_sha512_der;
}

}  // namespace vitrine::crypto
