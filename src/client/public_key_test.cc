#include "client/public_key.h"

#include <gtest/gtest.h>

#include "client/for_testing.h"

namespace vitrine::client {
namespace {

TEST(PublicKey, ReadsAJwk) {
  auto jwk = public_jwk_for_testing();
  jwk["receipt"] = "{}";
  const auto key = public_key_from_json(jwk);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->kid, kKid);
  EXPECT_EQ(key->id, 11u);
  EXPECT_EQ(key->x, kX);
  EXPECT_EQ(x_of(key->public_key), kX);
  EXPECT_EQ(to_unix_ms(*key->created), 1700000000000);
  EXPECT_FALSE(key->expiry);
  EXPECT_EQ(key->receipt, "{}");
}

TEST(PublicKey, ReadsTheTinkForm) {
  const auto tink = codec::json::parse_object(
      R"({"primaryKeyId":11,"key":[{"keyData":{"typeUrl":"t",)"
      R"("value":"B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw="},"keyId":11}],"receipt":"r"})");
  const auto key = public_key_from_json(*tink);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->x, kX);
  EXPECT_EQ(key->id, 11u);
  EXPECT_EQ(key->kid, "");
}

TEST(PublicKey, NamesTheMemberThatIsWrong) {
  const auto message = [](std::string_view member, codec::json::Value value) {
    auto jwk = public_jwk_for_testing();
    jwk[member] = std::move(value);
    return public_key_from_json(jwk).error().message;
  };
  EXPECT_EQ(message("kty", "EC"), "public key: kty and crv are not OKP and X25519");
  EXPECT_EQ(message("x", "AAAA"), "public key: x: 3 bytes where an X25519 key has 32");
  EXPECT_EQ(message("kid", 7), "public key: kid is absent or not text");
  EXPECT_EQ(message("id", "11"), "public key: id is absent or not a small number");
  EXPECT_EQ(message("id", 256), "public key: id is absent or not a small number");
}

// A service that answers with a key of its own choice under another key's name is caught here.
TEST(PublicKey, RefusesAKidOfAnotherKey) {
  auto jwk = public_jwk_for_testing();
  jwk["x"] = "B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9_AsrhtHHg";
  const auto key = public_key_from_json(jwk);
  ASSERT_FALSE(key);
  EXPECT_EQ(key.error().message,
            "public key: kid LehdaA32x1rR3oQpsO6E09k4VlvJZqbItoPdN0TVwgI_1 is not the hash of x");
}

TEST(PublicKey, KnowsItsKidWhateverItsNumber) {
  const auto key = *public_key_from_json(public_jwk_for_testing());
  const auto belongs = [&](std::string_view kid) {
    return kid_belongs_to(kid, key.kem, key.public_key);
  };
  EXPECT_TRUE(belongs(kKid));
  EXPECT_TRUE(belongs("LehdaA32x1rR3oQpsO6E09k4VlvJZqbItoPdN0TVwgI_92"));
  EXPECT_FALSE(belongs("LehdaA32x1rR3oQpsO6E09k4VlvJZqbItoPdN0TVwgI_"));
  EXPECT_FALSE(belongs("LehdaA32x1rR3oQpsO6E09k4VlvJZqbItoPdN0TVwgJ_1"));
  EXPECT_FALSE(belongs(""));
}

}  // namespace
}  // namespace vitrine::client
