#include "crypto/aead.h"

#include <limits>

#include "base/assert.h"
#include "crypto/openssl/handle.h"

namespace vitrine::crypto {
namespace {

using openssl::CipherContext;

const EVP_CIPHER* cipher_of(Aead aead) {
  static EVP_CIPHER* const aes128 = EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr);
  static EVP_CIPHER* const aes256 = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  static EVP_CIPHER* const chacha20 = EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr);
  const EVP_CIPHER* const found = aead == Aead::aes128_gcm   ? aes128
                                  : aead == Aead::aes256_gcm ? aes256
                                                             : chacha20;
  VITRINE_ASSERT(found != nullptr);
  return found;
}

// libcrypto counts in int.
constexpr std::size_t kInputBytesMax = std::numeric_limits<int>::max() - 64;

CipherContext keyed(Aead aead, ByteView key, ByteView nonce, bool sealing) {
  VITRINE_ASSERT(key.size() == aead_key_size(aead) && nonce.size() == kAeadNonceBytes);
  CipherContext context(EVP_CIPHER_CTX_new());
  VITRINE_ASSERT(context != nullptr);
  VITRINE_ASSERT(EVP_CipherInit_ex2(context.get(), cipher_of(aead), key.data(), nonce.data(),
                                    sealing ? 1 : 0, nullptr) == 1);
  return context;
}

// An empty update is left out: libcrypto takes a null output for associated data.
bool feed(EVP_CIPHER_CTX* context, Byte* out, ByteView in) {
  int written = 0;
  return in.empty() ||
         EVP_CipherUpdate(context, out, &written, in.data(), static_cast<int>(in.size())) == 1;
}

}  // namespace

std::size_t aead_key_size(Aead aead) { return aead == Aead::aes128_gcm ? 16 : 32; }

Bytes aead_seal(Aead aead, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) {
  VITRINE_ASSERT(aad.size() <= kInputBytesMax && plaintext.size() <= kInputBytesMax);
  const CipherContext context = keyed(aead, key, nonce, true);
  Bytes out(plaintext.size() + kAeadTagBytes);
  int written = 0;
  VITRINE_ASSERT(feed(context.get(), nullptr, aad) && feed(context.get(), out.data(), plaintext) &&
                 EVP_CipherFinal_ex(context.get(), out.data() + plaintext.size(), &written) == 1 &&
                 EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kAeadTagBytes,
                                     out.data() + plaintext.size()) == 1);
  return out;
}

Result<SecretBytes> aead_open(Aead aead, ByteView key, ByteView nonce, ByteView aad,
                              ByteView ciphertext) {
  const openssl::ErrorScope errors;
  if (ciphertext.size() < kAeadTagBytes || ciphertext.size() > kInputBytesMax ||
      aad.size() > kInputBytesMax) {
    return denied("decryption failed");
  }
  const CipherContext context = keyed(aead, key, nonce, false);
  const ByteView body = ciphertext.first(ciphertext.size() - kAeadTagBytes);
  Bytes tag = to_bytes(ciphertext.last(kAeadTagBytes));
  SecretBytes out(body.size());
  Byte unused[kAeadTagBytes] = {};
  int written = 0;
  // The tag goes in before the final call; without its consent `out` is wiped, not returned.
  if (EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, kAeadTagBytes, tag.data()) != 1 ||
      !feed(context.get(), nullptr, aad) ||
      !feed(context.get(), out.reveal_writable().data(), body) ||
      EVP_CipherFinal_ex(context.get(), unused, &written) != 1) {
    return denied("decryption failed");
  }
  return out;
}

}  // namespace vitrine::crypto
