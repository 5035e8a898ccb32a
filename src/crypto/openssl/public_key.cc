#include <openssl/core_names.h>

#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "codec/pem.h"
#include "crypto/curve.h"
#include "crypto/openssl/ec.h"
#include "crypto/openssl/key_state.h"
#include "crypto/openssl/parameters.h"

namespace vitrine::crypto {
namespace {

using openssl::KeyHandle;

ByteView without_leading_zeros(ByteView magnitude) {
  while (!magnitude.empty() && magnitude.front() == 0) magnitude = magnitude.subspan(1);
  return magnitude;
}

Result<KeyHandle> rsa_key(const PublicKeyParts& parts) {
  const openssl::ErrorScope errors;
  openssl::Parameters parameters;
  parameters.number(OSSL_PKEY_PARAM_RSA_N, parts.modulus);
  parameters.number(OSSL_PKEY_PARAM_RSA_E, parts.exponent);
  KeyHandle key = openssl::key_from("RSA", EVP_PKEY_PUBLIC_KEY, std::move(parameters));
  if (key == nullptr) return malformed("public key: libcrypto refuses the RSA key");
  return key;
}

Result<KeyHandle> raw_key(const PublicKeyParts& parts) {
  const openssl::ErrorScope errors;
  const char* const type = parts.kind == KeyKind::ed25519 ? "ED25519" : "X25519";
  KeyHandle key(EVP_PKEY_new_raw_public_key_ex(nullptr, type, nullptr, parts.point.data(),
                                               parts.point.size()));
  if (key == nullptr) return malformed("public key: libcrypto refuses it");
  return key;
}

std::size_t bits_of(const PublicKeyParts& parts) {
  if (parts.kind == KeyKind::rsa) {
    return parts.modulus.size() * 8 -
           static_cast<std::size_t>(std::countl_zero(parts.modulus.front()));
  }
  return is_ec(parts.kind) ? curve_of(parts.kind).bits : 255;
}

}  // namespace

Result<PublicKey> PublicKey::from_parts(PublicKeyParts parts) {
  VITRINE_CHECK(check_parts(parts));
  VITRINE_TRY(KeyHandle key, parts.kind == KeyKind::rsa ? rsa_key(parts)
                             : is_ec(parts.kind) ? openssl::key_from_point(parts.kind, parts.point)
                                                 : raw_key(parts));
  const auto state = std::make_shared<State>();
  state->key = std::move(key);
  state->bits = bits_of(parts);
  state->spki = write_spki(parts);
  state->spki_sha256 = sha256(state->spki);
  state->parts = std::move(parts);
  return PublicKey(state);
}

Result<PublicKey> PublicKey::from_spki(ByteView der) {
  auto parts = parse_spki(der);
  if (!parts) return in_context("SubjectPublicKeyInfo", std::move(parts).error());
  return from_parts(*std::move(parts));
}

Result<PublicKey> PublicKey::from_pem(std::string_view pem) {
  VITRINE_TRY(const auto der, codec::pem::decode_one(pem, "PUBLIC KEY"));
  return from_spki(der);
}

Result<PublicKey> PublicKey::from_rsa(ByteView n, ByteView e) {
  return from_parts(
      {KeyKind::rsa, to_bytes(without_leading_zeros(n)), to_bytes(without_leading_zeros(e)), {}});
}

Result<PublicKey> PublicKey::from_ec(KeyKind curve, ByteView x, ByteView y) {
  const Curve* const known = find_curve(curve);
  if (known == nullptr) return malformed("public key: not a kind with coordinates");
  if (x.size() != known->field_bytes || y.size() != known->field_bytes) {
    return malformed(std::string("public key: a coordinate of ") + known->name + " has " +
                     std::to_string(known->field_bytes) + " bytes");
  }
  PublicKeyParts parts{curve, {}, {}, {0x04}};
  append(parts.point, x);
  append(parts.point, y);
  return from_parts(std::move(parts));
}

Result<PublicKey> PublicKey::from_ed25519(ByteView raw) {
  return from_parts({KeyKind::ed25519, {}, {}, to_bytes(raw)});
}

KeyKind PublicKey::kind() const { return state_->parts.kind; }
std::size_t PublicKey::bits() const { return state_->bits; }
const Bytes& PublicKey::spki() const { return state_->spki; }
const Digest& PublicKey::spki_sha256() const { return state_->spki_sha256; }
std::string PublicKey::pem() const { return codec::pem::encode("PUBLIC KEY", state_->spki); }
EVP_PKEY* PublicKey::native() const { return state_->key.get(); }

Bytes PublicKey::rsa_modulus() const {
  VITRINE_ASSERT(kind() == KeyKind::rsa);
  return state_->parts.modulus;
}

Bytes PublicKey::rsa_exponent() const {
  VITRINE_ASSERT(kind() == KeyKind::rsa);
  return state_->parts.exponent;
}

Bytes PublicKey::ec_point() const {
  VITRINE_ASSERT(is_ec(kind()));
  return state_->parts.point;
}

}  // namespace vitrine::crypto
