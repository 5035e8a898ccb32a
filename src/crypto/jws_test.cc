#include "crypto/jws.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/limits.h"

namespace vitrine::crypto {
namespace {

namespace json = codec::json;

std::string segment(std::string_view text) { return to_base64url(as_bytes(text)); }

std::string parse_outcome(std::string_view token) {
  const auto parsed = parse_jws(token);
  return parsed ? "accepted" : parsed.error().message;
}
std::string header_outcome(std::string_view header) {
  return parse_outcome(segment(header) + "." + segment("{}") + "." + segment("s"));
}

// RFC 7515 A.3: a token somebody else signed with ES256.
TEST(Jws, VerifiesTheExampleOfRfc7515) {
  const std::string token =
      "eyJhbGciOiJFUzI1NiJ9."
      "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnV"
      "lfQ."
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
  const auto x = from_base64url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
  const auto y = from_base64url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
  const Jwk key{"", JwsAlgorithm::es256, *PublicKey::from_ec(KeyKind::ec_p256, *x, *y)};
  const auto parsed = parse_jws(token);
  ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
  EXPECT_TRUE(verify_jws(*parsed, key).has_value());
  EXPECT_EQ(json::text_of(parsed->payload, "iss"), "joe");
  EXPECT_EQ(json::integer_of(parsed->payload, "exp"), 1300819380);
}

TEST(Jws, VerifiesWhatItSignedWithEveryAlgorithm) {
  using enum JwsAlgorithm;
  const PrivateKey rsa = *PrivateKey::generate(KeyKind::rsa, 2048);
  for (const JwsAlgorithm algorithm : {rs256, ps256, ps384, es256, es384}) {
    const PrivateKey key = algorithm == es256   ? *PrivateKey::generate(KeyKind::ec_p256)
                           : algorithm == es384 ? *PrivateKey::generate(KeyKind::ec_p384)
                                                : rsa;
    json::Object header, payload;
    header["alg"] = name_of(algorithm);
    header["kid"] = "k";
    payload["sub"] = "x";
    const auto token = sign_jws(header, payload, algorithm, key);
    ASSERT_TRUE(token.has_value()) << token.error().message;
    const auto parsed = parse_jws(*token);
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->kid, "k");
    EXPECT_EQ(parsed->algorithm, name_of(algorithm));
    EXPECT_TRUE(verify_jws(*parsed, {"k", algorithm, key.public_key()}).has_value());
    UnverifiedJws changed = *parsed;
    changed.signing_input.back() = changed.signing_input.back() == 'A' ? 'B' : 'A';
    EXPECT_EQ(verify_jws(changed, {"k", algorithm, key.public_key()}).error().message,
              "token: signature does not verify");
  }
}

TEST(Jws, TheKeyFixesTheAlgorithmNotTheToken) {
  const PrivateKey rsa = *PrivateKey::generate(KeyKind::rsa, 2048);
  json::Object header;
  header["alg"] = "PS256";
  const auto token = sign_jws(header, {}, JwsAlgorithm::ps256, rsa);
  const auto refused = verify_jws(*parse_jws(*token), {"", JwsAlgorithm::rs256, rsa.public_key()});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(refused.error().message, "token: header alg is not RS256, the algorithm of its key");
  EXPECT_EQ(sign_jws(header, {}, JwsAlgorithm::rs256, rsa).error().message,
            "token: header alg is not RS256");
}

TEST(Jws, HasThreeSegmentsOfStrictBase64url) {
  EXPECT_EQ(header_outcome(R"({"alg":"RS256"})"), "accepted");
  const std::string good = segment(R"({"alg":"RS256"})");
  for (const std::string& token : {std::string(), good, good + ".e30", good + ".e30.cw.cw"}) {
    EXPECT_EQ(parse_outcome(token), "token: not three segments");
  }
  EXPECT_EQ(parse_outcome(good + ".e30."), "token: signature is not base64url without padding");
  EXPECT_EQ(parse_outcome(good + "..cw"), "token: payload is not base64url without padding");
  EXPECT_EQ(parse_outcome(good + ".e30.cw=="), "token: signature is not base64url without padding");
  EXPECT_EQ(parse_outcome(good + ".e30.cx"),  // unused bits
            "token: signature is not base64url without padding");
  EXPECT_EQ(parse_outcome(good + ".e30.c+"), "token: signature is not base64url without padding");
  EXPECT_EQ(parse_outcome(std::string(limits::kTokenBytesMax + 1, 'A')),
            "token: 65537 bytes; at most 65536 are read");
}

TEST(Jws, RefusesHeadersThatChangeWhatASignatureMeans) {
  for (const std::string name : {"crit", "b64", "jwk", "zip", "enc"}) {
    EXPECT_EQ(header_outcome(R"({"alg":"RS256",")" + name + R"(":null})"),
              "token: header has " + name + ", which is not accepted");
  }
  EXPECT_EQ(header_outcome(R"({"alg":"RS256","jku":"https://x","x5u":"https://x","x5c":["a"]})"),
            "accepted");
  EXPECT_EQ(header_outcome(R"({"typ":"JWT"})"), "token: header has no alg");
  EXPECT_EQ(header_outcome(R"({"alg":1})"), "token: header has no alg");
  EXPECT_EQ(header_outcome(R"({"alg":"RS256","kid":1})"), "token: header kid is not text");
  EXPECT_NE(header_outcome(R"({"alg":"RS256","alg":"RS256"})"), "accepted");
  EXPECT_NE(header_outcome(R"(["RS256"])"), "accepted");
}

TEST(Jws, TheAlgorithmNoneVerifiesUnderNoKey) {
  const auto parsed =
      parse_jws(segment(R"({"alg":"none"})") + "." + segment("{}") + "." + segment("s"));
  ASSERT_TRUE(parsed.has_value());
  const PrivateKey key = *PrivateKey::generate(KeyKind::ec_p256);
  EXPECT_FALSE(verify_jws(*parsed, {"", JwsAlgorithm::es256, key.public_key()}).has_value());
}

}  // namespace
}  // namespace vitrine::crypto
