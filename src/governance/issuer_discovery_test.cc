#include "governance/issuer_discovery.h"

#include <gtest/gtest.h>

#include "governance/identities_for_testing.h"

namespace vitrine::governance {
namespace {

constexpr std::string_view kIssuer = "https://idp.example/realm";

std::string refusal(const Status& status) { return status ? "accepted" : status.error().message; }
template <class T>
std::string refusal(const Result<T>& result) {
  return result ? "accepted" : result.error().message;
}

crypto::Jwk key(const std::string& kid) {
  static const auto made = crypto::PrivateKey::generate(crypto::KeyKind::ec_p256).value();
  return {kid, crypto::JwsAlgorithm::es256, made.public_key()};
}
codec::json::Object json_of(const crypto::Jwk& jwk) {
  return crypto::jwk_to_json(jwk.key, jwk.kid, jwk.algorithm);
}
std::string set_of(std::vector<codec::json::Object> keys) {
  codec::json::Array list;
  for (auto& each : keys) list.push_back(std::move(each));
  return codec::json::write(codec::json::Object{{"keys", std::move(list)}});
}

TEST(IssuerDiscovery, RefreshesHttpsUrlsAlone) {
  for (const char* good : {"https://idp.example", "https://idp.example:8443/a/b/",
                           "https://login.example/tenant/v2.0", "https://[::1]:8443"})
    EXPECT_EQ(refusal(check_refreshable(good)), "accepted");
  EXPECT_EQ(refusal(check_refreshable("http://idp.example")),
            "issuer \"http://idp.example\": not an https URL");
  EXPECT_EQ(refusal(check_refreshable("https://")), "issuer \"https://\": no host");
  EXPECT_EQ(refusal(check_refreshable("https://:443/")), "issuer \"https://:443/\": no host");
  EXPECT_EQ(refusal(check_refreshable("https://a?b=c")), "issuer \"https://a?b=c\": a query in it");
  EXPECT_EQ(refusal(check_refreshable("https://a#b")), "issuer \"https://a#b\": a fragment in it");
  EXPECT_EQ(refusal(check_refreshable("https://me@a/")),
            "issuer \"https://me@a/\": credentials in it");
  EXPECT_EQ(refusal(check_refreshable("https://a b/")),
            "issuer \"https://a b/\": a character that a URL has not");
  EXPECT_EQ(refusal(check_refreshable("https://" + std::string(2048, 'a'))),
            "issuer is over 2048 bytes");
}

TEST(IssuerDiscovery, AsksBelowTheIssuer) {
  EXPECT_EQ(discovery_url("https://idp.example"),
            "https://idp.example/.well-known/openid-configuration");
  EXPECT_EQ(discovery_url("https://idp.example/realm/"),
            "https://idp.example/realm/.well-known/openid-configuration");
}

TEST(IssuerDiscovery, TakesTheDocumentOfThatVeryIssuer) {
  const auto uri = [](std::string_view document) { return jwks_uri_in(document, kIssuer); };
  EXPECT_EQ(
      uri(R"({"issuer":"https://idp.example/realm","jwks_uri":"https://keys.example/a?p=b","x":[]})")
          .value(),
      "https://keys.example/a?p=b");
  const auto other = uri(R"({"issuer":"https://idp.example/realm/","jwks_uri":"https://a/"})");
  EXPECT_EQ(refusal(other),
            "discovery document: it is that of issuer \"https://idp.example/realm/\"");
  EXPECT_EQ(other.error().code, Code::denied);
  EXPECT_EQ(refusal(uri(R"({"issuer":null,"jwks_uri":"https://idp.example/"})")),
            "discovery document: issuer is not text");
  EXPECT_EQ(refusal(uri(R"({"issuer":"https://idp.example/realm"})")),
            "discovery document: jwks_uri is not text");
  EXPECT_EQ(refusal(uri(R"({"issuer":"https://idp.example/realm","jwks_uri":"http://a/"})")),
            "discovery document: jwks_uri \"http://a/\": not an https URL");
  EXPECT_NE(refusal(uri("<html>")), "accepted");
}

TEST(IssuerDiscovery, BelievesADocumentWithoutIssuerAboutItsOwnHostAlone) {
  const auto uri = [](std::string_view document) { return jwks_uri_in(document, kIssuer); };
  EXPECT_EQ(uri(R"({"jwks_uri":"https://IDP.example/certs"})").value(),
            "https://IDP.example/certs");
  const auto elsewhere = uri(R"({"jwks_uri":"https://idp.example:8443/certs"})");
  EXPECT_EQ(refusal(elsewhere),
            "discovery document: it names no issuer, and its keys lie on another host: "
            "\"https://idp.example:8443/certs\"");
  EXPECT_EQ(elsewhere.error().code, Code::denied);
  EXPECT_FALSE(uri(R"({"jwks_uri":"https://idp.example.evil/certs"})"));
}

TEST(IssuerDiscovery, TakesADocumentThatLeavesTheTenantOpen) {
  const std::string document =
      R"({"issuer":"https://idp.example/{tenantid}/v2.0","jwks_uri":"https://idp.example/keys"})";
  EXPECT_TRUE(jwks_uri_in(document, "https://idp.example/common/v2.0"));
  EXPECT_FALSE(jwks_uri_in(document, "https://idp.example/common/v1.0"));
  EXPECT_FALSE(jwks_uri_in(document, "https://idp.example/a/b/v2.0"));
  EXPECT_FALSE(jwks_uri_in(document, "https://other.example/common/v2.0"));
}

TEST(IssuerDiscovery, TakesTheKeysThatSignForTheIssuer) {
  auto encryption = json_of(key("for encryption"));
  encryption["use"] = "enc";
  auto others = json_of(key("of another"));
  others["issuer"] = "https://other.example";
  auto own = json_of(key("b"));
  own["issuer"] = kIssuer;
  auto any_tenant = json_of(key("c"));
  any_tenant["issuer"] = "https://idp.example/{tenantid}";
  const auto keys =
      keys_in(set_of({own, encryption, others, any_tenant, json_of(key("a"))}), kIssuer);
  ASSERT_TRUE(keys) << keys.error().message;
  ASSERT_EQ(keys->size(), 3U);
  EXPECT_EQ((*keys)[0].kid, "a");
  EXPECT_EQ((*keys)[1].kid, "b");
  EXPECT_EQ((*keys)[2].kid, "c");
  EXPECT_TRUE(same_keys(*keys, crypto::jwks_from_json(jwks_to_json(*keys)).value()));
}

TEST(IssuerDiscovery, ATenantIsOnePartOfThePath) {
  auto any_tenant = json_of(key("a"));
  any_tenant["issuer"] = "https://idp.example/{tenantid}/v2.0";
  const std::string set = set_of({any_tenant});
  EXPECT_TRUE(keys_in(set, "https://idp.example/5fe7/v2.0"));
  EXPECT_FALSE(keys_in(set, "https://idp.example//v2.0"));
  EXPECT_FALSE(keys_in(set, "https://idp.example/a/b/v2.0"));
  EXPECT_FALSE(keys_in(set, "https://idp.example/5fe7/v1.0"));
}

TEST(IssuerDiscovery, ASetWithoutKeysReplacesNone) {
  auto others = json_of(key("of another"));
  others["issuer"] = "https://other.example";
  EXPECT_EQ(refusal(keys_in(R"({"keys":[]})", kIssuer)),
            "jwks: none of its keys signs tokens of this issuer");
  EXPECT_EQ(refusal(keys_in(set_of({others}), kIssuer)),
            "jwks: none of its keys signs tokens of this issuer; 1 say another issuer");
  EXPECT_EQ(refusal(keys_in("{}", kIssuer)), "jwks: keys: missing or not a list");
  EXPECT_EQ(refusal(keys_in(R"({"keys":[1]})", kIssuer)), "jwks: keys: an entry is not an object");
  std::vector<codec::json::Object> many;
  for (int i = 0; i < 65; ++i) many.push_back(json_of(key("k" + std::to_string(i))));
  EXPECT_EQ(refusal(keys_in(set_of(many), kIssuer)), "jwks: over 64 keys");
}

TEST(IssuerDiscovery, ComparesKeysWhateverTheirOrder) {
  EXPECT_TRUE(same_keys({key("a"), key("b")}, {key("b"), key("a")}));
  EXPECT_FALSE(same_keys({key("a")}, {key("a"), key("b")}));
  EXPECT_FALSE(same_keys({key("a")}, {key("b")}));
  auto other = key("a");
  other.key = crypto::PrivateKey::generate(crypto::KeyKind::ec_p256)->public_key();
  EXPECT_FALSE(same_keys({key("a")}, {other}));
}

TEST(CaBundle, HoldsCertificatesAlone) {
  const std::string one = identity_for_testing("a").certificate.pem();
  EXPECT_EQ(certificates_of_bundle(one + one).value().size(), 2U);
  EXPECT_NE(refusal(certificates_of_bundle("")), "accepted");
  EXPECT_EQ(refusal(certificates_of_bundle(one + "-----BEGIN X-----\nAAAA\n-----END X-----\n")),
            "CA bundle: PEM block is no CERTIFICATE");
  EXPECT_NE(refusal(certificates_of_bundle(
                "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")),
            "accepted");
  EXPECT_EQ(refusal(certificates_of_bundle(std::string(kBundleBytesMax + 1, '\n'))),
            "CA bundle: over 524288 bytes");
}

}  // namespace
}  // namespace vitrine::governance
