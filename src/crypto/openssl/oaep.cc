// RSA-OAEP (RFC 8017 7.1) with SHA-256 for both hash and MGF1 and an empty label (kms-api.md 5.1).
#include <openssl/rsa.h>

#include "crypto/openssl/algorithms.h"
#include "crypto/openssl/key_state.h"

namespace vitrine::crypto {
namespace {

using openssl::KeyContext;

constexpr std::size_t kOverheadBytes = 2 * 32 + 2;

bool set_up(EVP_PKEY_CTX* context) {
  const EVP_MD* const md = openssl::digest_of(Hash::sha256);
  return EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING) == 1 &&
         EVP_PKEY_CTX_set_rsa_oaep_md(context, md) == 1 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(context, md) == 1;
}

}  // namespace

Result<Bytes> PublicKey::oaep_encrypt(ByteView plaintext) const {
  const openssl::ErrorScope errors;
  if (kind() != KeyKind::rsa) return malformed("RSA-OAEP: the key is not RSA");
  const std::size_t k = (bits() + 7) / 8;
  if (plaintext.size() > k - kOverheadBytes) {
    return malformed("RSA-OAEP: a key of " + std::to_string(bits()) + " bits wraps at most " +
                     std::to_string(k - kOverheadBytes) + " bytes, not " +
                     std::to_string(plaintext.size()));
  }
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, native(), nullptr));
  Bytes out(k);
  std::size_t size = out.size();
  if (context == nullptr || EVP_PKEY_encrypt_init(context.get()) != 1 || !set_up(context.get()) ||
      EVP_PKEY_encrypt(context.get(), out.data(), &size, plaintext.data(), plaintext.size()) != 1 ||
      size != k) {
    return internal("RSA-OAEP: libcrypto fails");
  }
  return out;
}

Result<SecretBytes> PrivateKey::oaep_decrypt(ByteView ciphertext) const {
  const openssl::ErrorScope errors;
  if (kind() != KeyKind::rsa) return malformed("RSA-OAEP: the key is not RSA");
  const std::size_t k = (public_key().bits() + 7) / 8;
  if (ciphertext.size() != k) return denied("RSA-OAEP: decryption failed");
  const KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, native(), nullptr));
  SecretBytes out(k);
  std::size_t size = out.size();
  if (context == nullptr || EVP_PKEY_decrypt_init(context.get()) != 1 || !set_up(context.get()) ||
      EVP_PKEY_decrypt(context.get(), out.reveal_writable().data(), &size, ciphertext.data(),
                       ciphertext.size()) != 1) {
    return denied("RSA-OAEP: decryption failed");
  }
  return SecretBytes::copy_of(out.reveal().first(size));
}

}  // namespace vitrine::crypto
