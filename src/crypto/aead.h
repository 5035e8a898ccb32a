// Authenticated encryption: AES-GCM (SP 800-38D) and ChaCha20-Poly1305 (RFC 8439), 12-byte nonces,
// 16-byte tags.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace vitrine::crypto {

enum class Aead { aes128_gcm, aes256_gcm, chacha20_poly1305 };
inline constexpr std::size_t kAeadNonceBytes = 12;
inline constexpr std::size_t kAeadTagBytes = 16;
std::size_t aead_key_size(Aead aead);

// Ciphertext followed by the tag. Asserts key and nonce sizes.
Bytes aead_seal(Aead aead, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext);
// denied: the tag does not fit (or the input is shorter than a tag); no plaintext is released
// before it does.
Result<SecretBytes> aead_open(Aead aead, ByteView key, ByteView nonce, ByteView aad,
                              ByteView ciphertext);

}  // namespace vitrine::crypto
