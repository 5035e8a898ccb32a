#include "crypto/diffie_hellman.h"

#include "crypto/openssl/ec.h"
#include "crypto/openssl/key_state.h"

namespace vitrine::crypto {
namespace {

using openssl::KeyContext;
using openssl::KeyHandle;

constexpr std::size_t kX25519Bytes = 32;

Result<KeyHandle> x25519_private(ByteView raw) {
  if (raw.size() != kX25519Bytes) return malformed("X25519 private key: not 32 bytes");
  KeyHandle key(
      EVP_PKEY_new_raw_private_key_ex(nullptr, "X25519", nullptr, raw.data(), raw.size()));
  if (key == nullptr) return internal("X25519: libcrypto fails");
  return key;
}

Result<KeyHandle> public_half(KeyKind kind, ByteView raw) {
  if (kind != KeyKind::x25519) return openssl::key_from_point(kind, raw);
  if (raw.size() != kX25519Bytes) return malformed("X25519 public key: not 32 bytes");
  KeyHandle key(EVP_PKEY_new_raw_public_key_ex(nullptr, "X25519", nullptr, raw.data(), raw.size()));
  if (key == nullptr) return internal("X25519: libcrypto fails");
  return key;
}

}  // namespace

Result<DiffieHellmanPair> diffie_hellman_generate(KeyKind kind) {
  const openssl::ErrorScope errors;
  const KeyHandle key = openssl::generate_key(kind);
  if (key == nullptr) return internal("Diffie-Hellman: libcrypto cannot generate a key");
  PrivateKeyParts parts = openssl::parts_of(key.get(), kind);
  return DiffieHellmanPair{std::move(parts.public_parts.point), std::move(parts.scalar)};
}

Result<Bytes> diffie_hellman_public_of(KeyKind kind, ByteView private_key) {
  if (kind != KeyKind::x25519) return openssl::point_of_scalar(kind, private_key);
  const openssl::ErrorScope errors;
  VITRINE_TRY(const KeyHandle key, x25519_private(private_key));
  Bytes out(kX25519Bytes);
  std::size_t size = out.size();
  if (EVP_PKEY_get_raw_public_key(key.get(), out.data(), &size) != 1) {
    return internal("X25519: libcrypto fails");
  }
  return out;
}

Result<SecretBytes> diffie_hellman(KeyKind kind, ByteView private_key, ByteView own_public,
                                   ByteView other_public) {
  const openssl::ErrorScope errors;
  VITRINE_TRY(const KeyHandle other, public_half(kind, other_public));
  VITRINE_TRY(const KeyHandle own, kind == KeyKind::x25519
                                       ? x25519_private(private_key)
                                       : openssl::key_from_scalar(kind, private_key, own_public));
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr));
  SecretBytes out(kind == KeyKind::x25519 ? kX25519Bytes : curve_of(kind).field_bytes);
  std::size_t size = out.size();
  // X25519 fails by itself on the all-zero result; whether it does is not left to libcrypto. On the
  // NIST curves there are points with x = 0.
  if (context == nullptr || EVP_PKEY_derive_init(context.get()) != 1 ||
      EVP_PKEY_derive_set_peer_ex(context.get(), other.get(), 0) != 1 ||
      EVP_PKEY_derive(context.get(), out.reveal_writable().data(), &size) != 1 ||
      size != out.size() ||
      (kind == KeyKind::x25519 && equal_in_constant_time(out.reveal(), Bytes(out.size())))) {
    return denied("Diffie-Hellman: the result is zero");
  }
  return out;
}

bool is_private_scalar(KeyKind curve, ByteView scalar) {
  const openssl::ErrorScope errors;
  return openssl::is_scalar(curve, scalar);
}

}  // namespace vitrine::crypto
