#include "crypto/aead.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace vitrine::crypto {
namespace {

constexpr Aead kAll[] = {Aead::aes128_gcm, Aead::aes256_gcm, Aead::chacha20_poly1305};

struct Inputs {
  explicit Inputs(Aead aead) : key(aead_key_size(aead), 7), nonce(kAeadNonceBytes, 9) {}
  Bytes key, nonce;
  Bytes aad = to_bytes("aad"), plaintext = to_bytes("what stays in the case");
};

TEST(Aead, OpensWhatItSealed) {
  for (const Aead aead : kAll) {
    const Inputs in(aead);
    const Bytes sealed = aead_seal(aead, in.key, in.nonce, in.aad, in.plaintext);
    EXPECT_EQ(sealed.size(), in.plaintext.size() + kAeadTagBytes);
    const auto opened = aead_open(aead, in.key, in.nonce, in.aad, sealed);
    ASSERT_TRUE(opened.has_value());
    EXPECT_EQ(to_bytes(opened->reveal()), in.plaintext);
  }
}

TEST(Aead, RefusesAChangeOfAnyByteAndOfTheAssociatedData) {
  for (const Aead aead : kAll) {
    const Inputs in(aead);
    const Bytes sealed = aead_seal(aead, in.key, in.nonce, in.aad, in.plaintext);
    for (std::size_t i = 0; i < sealed.size(); ++i) {
      Bytes changed = sealed;
      changed[i] ^= 1;
      const auto opened = aead_open(aead, in.key, in.nonce, in.aad, changed);
      ASSERT_FALSE(opened.has_value());
      EXPECT_EQ(opened.error().code, Code::denied);
      EXPECT_EQ(opened.error().message, "decryption failed");
    }
    EXPECT_FALSE(aead_open(aead, in.key, in.nonce, {}, sealed).has_value());
  }
}

TEST(Aead, RefusesLessThanATag) {
  const Inputs in(Aead::aes256_gcm);
  for (const std::size_t size : {0U, 1U, 15U}) {
    EXPECT_FALSE(aead_open(Aead::aes256_gcm, in.key, in.nonce, {}, Bytes(size)).has_value());
  }
}

TEST(Aead, AnEmptyPlaintextIsATagAlone) {
  for (const Aead aead : kAll) {
    const Inputs in(aead);
    const Bytes sealed = aead_seal(aead, in.key, in.nonce, {}, {});
    EXPECT_EQ(sealed.size(), kAeadTagBytes);
    const auto opened = aead_open(aead, in.key, in.nonce, {}, sealed);
    ASSERT_TRUE(opened.has_value());
    EXPECT_TRUE(opened->empty());
  }
}

// RFC 8439 2.8.2.
TEST(Aead, ChaCha20Poly1305OfRfc8439) {
  const Bytes key = *from_hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
  const Bytes nonce = *from_hex("070000004041424344454647");
  const Bytes aad = *from_hex("50515253c0c1c2c3c4c5c6c7");
  const Bytes sealed = aead_seal(
      Aead::chacha20_poly1305, key, nonce, aad,
      as_bytes("Ladies and Gentlemen of the class of '99: If I could offer you only one tip for "
               "the future, sunscreen would be it."));
  EXPECT_EQ(to_hex(ByteView(sealed).last(kAeadTagBytes)), "1ae10b594f09e26a7e902ecbd0600691");
  EXPECT_EQ(to_hex(ByteView(sealed).first(16)), "d31a8d34648e60db7b86afbc53ef7ec2");
}

TEST(Aead, AssertsTheSizeOfKeyAndNonce) {
  const Bytes nonce(12), key(32);
  EXPECT_DEATH(static_cast<void>(aead_seal(Aead::aes128_gcm, key, nonce, {}, {})),
               "broken invariant");
  EXPECT_DEATH(static_cast<void>(aead_seal(Aead::aes256_gcm, key, key, {}, {})),
               "broken invariant");
}

}  // namespace
}  // namespace vitrine::crypto
