#include "client/seal.h"

#include <gtest/gtest.h>

#include "client/for_testing.h"
#include "keys/key.h"

namespace vitrine::client {
namespace {

PublicKey public_key() { return *public_key_from_json(public_jwk_for_testing()); }
PrivateKey private_key() { return *read_private_key(as_bytes(kPrivateJwk)); }

TEST(Seal, OpensWithTheReleasedKeyInBothForms) {
  const auto sealed = seal(public_key(), as_bytes("a prompt"));
  ASSERT_TRUE(sealed) << sealed.error().message;
  const auto key = private_key();
  EXPECT_EQ(as_text(open(*sealed, key)->reveal()), "a prompt");
  const auto keyset = keys::private_tink(key.private_key.reveal());
  const auto from_tink = read_private_key(keyset.reveal());
  ASSERT_TRUE(from_tink) << from_tink.error().message;
  EXPECT_EQ(as_text(open(*sealed, *from_tink)->reveal()), "a prompt");
}

TEST(Seal, OpensAnEmptyText) {
  const auto sealed = seal(public_key(), {});
  ASSERT_TRUE(sealed);
  EXPECT_EQ(open(*sealed, private_key())->size(), 0u);
}

TEST(Seal, IsRefusedWhenAltered) {
  auto sealed = *seal(public_key(), as_bytes("a prompt"));
  sealed.ciphertext[0] ^= 1;
  const auto opened = open(sealed, private_key());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::denied);
}

TEST(Seal, IsRefusedWithAnotherKey) {
  const auto sealed = *seal(public_key(), as_bytes("a prompt"));
  const auto pair = *crypto::kem_generate(crypto::Kem::x25519_sha256);
  PrivateKey other;
  other.private_key = pair.private_key.clone();
  other.public_key = pair.public_key;
  const auto opened = open(sealed, other);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message,
            "open: sealed to key LehdaA32x1rR3oQpsO6E09k4VlvJZqbItoPdN0TVwgI_1, and the private "
            "key is not that one's");
}

TEST(Seal, SurvivesItsJson) {
  const auto sealed = *seal(public_key(), as_bytes("a prompt"));
  const auto read = sealed_from_json(codec::json::write(to_json(sealed)));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->kid, kKid);
  EXPECT_EQ(read->enc, sealed.enc);
  EXPECT_EQ(read->ciphertext, sealed.ciphertext);
}

TEST(Seal, RefusesOtherJson) {
  const auto message = [](std::string_view text) { return sealed_from_json(text).error().message; };
  EXPECT_EQ(message(R"({"kid":"","enc":"AA"})"),
            "sealed text: its members are not exactly kid, enc and ct");
  EXPECT_EQ(message(R"({"kid":"","enc":"AA","tc":"AA"})"), "sealed text: ct is absent or not text");
  EXPECT_EQ(message(R"({"kid":1,"enc":"AA","ct":"AA"})"), "sealed text: kid is absent or not text");
  EXPECT_EQ(message(R"({"kid":"","enc":"A=","ct":"AA"})").find("sealed text: enc: "), 0u);
}

TEST(PrivateKeyFile, IsReadWithANewlineAndRefusedCut) {
  EXPECT_TRUE(read_private_key(as_bytes("\n" + std::string(kPrivateJwk) + "\n")));
  const auto cut = read_private_key(as_bytes(kPrivateJwk.substr(0, 100)));
  ASSERT_FALSE(cut);
  EXPECT_EQ(cut.error().message.find("private key: "), 0u);
  EXPECT_FALSE(read_private_key({}));
  EXPECT_FALSE(read_private_key(as_bytes("not a key")));
}

}  // namespace
}  // namespace vitrine::client
