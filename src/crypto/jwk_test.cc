#include "crypto/jwk.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "crypto/x509.h"

namespace vitrine::crypto {
namespace {

namespace json = codec::json;

const PrivateKey& rsa_key() {
  static const PrivateKey key = *PrivateKey::generate(KeyKind::rsa, 2048);
  return key;
}
const PrivateKey& ec_key() {
  static const PrivateKey key = *PrivateKey::generate(KeyKind::ec_p256);
  return key;
}

json::Object rsa_jwk() { return jwk_to_json(rsa_key().public_key(), "r", JwsAlgorithm::ps384); }
json::Object ec_jwk() { return jwk_to_json(ec_key().public_key(), "e", JwsAlgorithm::es256); }

std::string certificate_of(const PrivateKey& key) {
  CertificateRequest request;
  request.common_name = "signer";
  request.not_before = from_unix_seconds(1'700'000'000);
  request.not_after = from_unix_seconds(1'800'000'000);
  return to_base64(make_self_signed(request, key)->der());
}

template <class Change>
std::string outcome(json::Object jwk, Change change) {
  change(jwk);
  const auto read = jwk_from_json(jwk);
  return read ? std::string(name_of(read->algorithm)) : read.error().message;
}

TEST(Jwk, IsReadBack) {
  const auto rsa = jwk_from_json(rsa_jwk()), ec = jwk_from_json(ec_jwk());
  ASSERT_TRUE(rsa.has_value() && ec.has_value());
  EXPECT_EQ(rsa->key, rsa_key().public_key());
  EXPECT_EQ(rsa->algorithm, JwsAlgorithm::ps384);
  EXPECT_EQ(rsa->kid, "r");
  EXPECT_EQ(ec->key, ec_key().public_key());
  const PrivateKey p384 = *PrivateKey::generate(KeyKind::ec_p384);
  EXPECT_EQ(jwk_from_json(jwk_to_json(p384.public_key(), "", JwsAlgorithm::es384))->key,
            p384.public_key());
}

// decisions.md, Wire.
TEST(Jwk, WithoutAlgIsTheDefaultOfItsType) {
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j.erase("alg"); }), "RS256");
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j["alg"] = nullptr; }), "RS256");
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j["alg"] = "PS256"; }), "PS256");
  EXPECT_EQ(outcome(ec_jwk(), [](auto& j) { j.erase("alg"); }), "ES256");
  for (const char* other : {"RS256", "ES384", "none", "HS256", ""}) {
    EXPECT_EQ(outcome(ec_jwk(), [&](auto& j) { j["alg"] = other; }),
              "jwk: alg: does not fit the key, or is not supported");
  }
}

TEST(Jwk, MayHoldOnlyACertificate) {
  const auto only_x5c = [](auto& j) {
    for (const char* name : {"n", "e", "alg", "use"}) j.erase(name);
    j["x5c"] = json::Array{json::Value(certificate_of(rsa_key()))};
  };
  EXPECT_EQ(outcome(rsa_jwk(), only_x5c), "RS256");
  EXPECT_EQ(
      outcome(rsa_jwk(),
              [](auto& j) { j["x5c"] = json::Array{json::Value(certificate_of(rsa_key()))}; }),
      "PS384");
  const PrivateKey other = *PrivateKey::generate(KeyKind::rsa, 2048);
  EXPECT_EQ(outcome(rsa_jwk(),
                    [&](auto& j) { j["x5c"] = json::Array{json::Value(certificate_of(other))}; }),
            "jwk: x5c: certifies another key than the members beside it");
  EXPECT_EQ(outcome(rsa_jwk(),
                    [](auto& j) {
                      j.erase("n");
                      j.erase("e");
                      j["x5c"] = json::Array{json::Value(certificate_of(ec_key()))};
                    }),
            "jwk: x5c: key is not of type kty");
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j["x5c"] = json::Array{}; }),
            "jwk: x5c: not a list of text");
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j["x5c"] = json::Array{json::Value("=")}; }),
            "jwk: x5c: first entry is not base64");
}

TEST(Jwk, BoundsTheCertificatesBesideIt) {
  const auto with = [](std::size_t count, const std::string& first) {
    return outcome(rsa_jwk(), [&](auto& j) {
      json::Array list(count, json::Value(certificate_of(rsa_key())));
      list[0] = json::Value(first);
      j["x5c"] = list;
    });
  };
  EXPECT_EQ(with(8, certificate_of(rsa_key())), "PS384");
  EXPECT_EQ(with(9, certificate_of(rsa_key())), "jwk: x5c: over 8 certificates");
  EXPECT_EQ(with(1, std::string(900'000, 'A')), "jwk: x5c: first entry is over 16384 bytes");
}

TEST(Jwk, RefusesOddNumbers) {
  const auto with_e = [](const char* e) {
    return outcome(rsa_jwk(), [&](auto& j) { j["e"] = e; });
  };
  const std::string odd =
      "jwk: n, e: public key: RSA exponent is even, below 3 or of 2^32 and more";
  for (const char* e : {"AQ", "Ag", "AQAA", "AQAAAAE"}) EXPECT_EQ(with_e(e), odd) << e;
  EXPECT_EQ(with_e("AAAAAA"), "jwk: e: leading zero octets");
  EXPECT_EQ(with_e("_____w"), "PS384") << "2^32 - 1";
  const auto with_n = [](std::size_t bits) {
    return outcome(rsa_jwk(), [&](auto& j) { j["n"] = to_base64url(Bytes(bits / 8, 0xff)); });
  };
  EXPECT_EQ(with_n(4096), "PS384");
  EXPECT_EQ(with_n(16384), "jwk: n, e: public key: RSA of 16384 bits; accepted are 2048 to 4096");
}

TEST(Jwk, RefusalsNameTheMember) {
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j.erase("kty"); }), "jwk: kty: missing");
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j["kty"] = "oct"; }), "jwk: kty: neither RSA nor EC");
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j.erase("e"); }), "jwk: e: missing");
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j["e"] = "AQAB="; }),
            "jwk: e: not base64url without padding");
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j["e"] = "AAEAAQ"; }), "jwk: e: leading zero octets");
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j["n"] = "AQAB"; }),
            "jwk: n, e: public key: RSA of 17 bits; accepted are 2048 to 4096");
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j["kid"] = 7; }), "jwk: kid: not text");
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j["use"] = "enc"; }), "jwk: use: not sig");
  EXPECT_EQ(outcome(rsa_jwk(), [](auto& j) { j["d"] = "AQAB"; }), "jwk: d: not a public key");
  EXPECT_EQ(outcome(ec_jwk(), [](auto& j) { j["crv"] = "P-521"; }),
            "jwk: crv: neither P-256 nor P-384");
  EXPECT_EQ(outcome(ec_jwk(), [](auto& j) { j.erase("y"); }), "jwk: y: missing");
  EXPECT_EQ(outcome(ec_jwk(), [](auto& j) { j["x"] = "AQAB"; }),
            "jwk: x, y: public key: a coordinate of P-256 has 32 bytes");
  EXPECT_EQ(outcome(ec_jwk(), [](auto& j) { std::swap(j["x"], j["y"]); }),
            "jwk: x, y: public key: not a point of P-256");
  EXPECT_EQ(outcome(ec_jwk(),
                    [](auto& j) {
                      j.erase("x");
                      j.erase("y");
                    }),
            "jwk: x: missing, and no x5c");
}

json::Object set_of(std::initializer_list<json::Object> keys) {
  json::Array list;
  for (const auto& key : keys) list.push_back(key);
  json::Object set;
  set["keys"] = list;
  return set;
}

TEST(Jwks, HoldsSeveralKeysAlsoUnderOneKid) {
  json::Object second = rsa_jwk();
  second["alg"] = "RS256";
  const auto read = jwks_from_json(set_of({rsa_jwk(), second, ec_jwk()}));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  ASSERT_EQ(read->size(), 3U);
  EXPECT_EQ((*read)[1].kid, "r");
  EXPECT_EQ((*read)[1].algorithm, JwsAlgorithm::rs256);
  EXPECT_EQ(jwks_from_json(set_of({rsa_jwk(), rsa_jwk()})).error().message,
            "jwks: keys: two entries share kid and alg");
}

TEST(Jwks, HoldsABoundedNumber) {
  const auto read = [](std::size_t count) {
    json::Array list;
    for (std::size_t i = 0; i < count; ++i) {
      json::Object key = ec_jwk();
      key["kid"] = "k" + std::to_string(i);
      list.push_back(key);
    }
    json::Object set;
    set["keys"] = list;
    const auto keys = jwks_from_json(set);
    return keys ? std::to_string(keys->size()) : keys.error().message;
  };
  EXPECT_EQ(read(256), "256");
  EXPECT_EQ(read(257), "jwks: keys: 257; at most 256 are read");
}

TEST(Jwks, PassesOverKeysForOthersButNotOverBrokenOnes) {
  json::Object okp, encryption = rsa_jwk(), wide = rsa_jwk(), broken = rsa_jwk(),
                    nameless = rsa_jwk();
  okp["kty"] = "OKP";
  encryption["use"] = "enc";
  wide["alg"] = "RS512";
  broken["n"] = "!";
  nameless.erase("kid");
  const auto read = jwks_from_json(set_of({okp, encryption, wide, ec_jwk()}));
  ASSERT_TRUE(read.has_value()) << read.error().message;
  EXPECT_EQ(read->size(), 1U);
  EXPECT_EQ(jwks_from_json(set_of({broken})).error().message,
            "jwk: n: not base64url without padding");
  EXPECT_EQ(jwks_from_json(set_of({nameless})).error().message, "jwks: keys: an entry has no kid");
  EXPECT_EQ(jwks_from_json({}).error().message, "jwks: keys: missing or not a list");
}

}  // namespace
}  // namespace vitrine::crypto
