// One fixed key in every format, and ciphertexts of it, checked byte for byte (vectors/kms).
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "attestation/claims_maker.h"
#include "base/base64.h"
#include "base/hex.h"
#include "crypto/hash.h"
#include "keys/key.h"
#include "keys/wrap.h"

namespace vitrine::keys {
namespace {

std::string read_file(const std::string& name) {
  std::ifstream file(std::string(std::getenv("VITRINE_VECTORS")) + "/kms/" + name);
  EXPECT_TRUE(file.good()) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

const codec::json::Object& formats() {
  static const auto object = *codec::json::parse_object(read_file("derived/key-formats.json"));
  return object;
}
std::string format(std::string_view name) {
  return std::string(codec::json::text_of(formats(), name).value());
}

Bytes private_key() { return *from_hex(format("private_raw_hex")); }

PublicItem item(bool with_expiry = false) {
  PublicItem item;
  item.number = 1;
  item.public_key = *from_hex(format("public_raw_hex"));
  item.kid = kid_of(item.kem, item.public_key, item.number);
  item.id = id_of(item.number);
  item.created = from_unix_ms(1'700'000'000'000);
  if (with_expiry) item.expiry = from_unix_ms(1'702'678'400'000);
  return item;
}

std::string written(const codec::json::Object& object) { return codec::json::write(object); }

TEST(KeyFormatVectors, HavePemKidAndId) {
  EXPECT_EQ(public_pem(item().kem, item().public_key), format("public_pem"));
  EXPECT_EQ(item().kid, format("kid"));
  EXPECT_EQ(item().id, 11U);
}

TEST(KeyFormatVectors, HavePublicForms) {
  EXPECT_EQ(written(public_jwk(item())), format("refresh_response"));
  EXPECT_EQ(written(listed_keys(item())), format("listpubkeys_response"));
  EXPECT_EQ(written(public_tink(item(), "<receipt JSON text>")), format("pubkey_tink_response"));
  EXPECT_EQ(tink_envelope({item()}, from_unix_ms(1'700'000'100'000)),
            format("key_tink_wrapped_string"));
}

TEST(KeyFormatVectors, HavePrivateForms) {
  const auto jwk = private_jwk(item(), private_key());
  EXPECT_EQ(to_text(jwk.reveal()), format("stored_item_no_expiry"));
  EXPECT_EQ(jwk.size(), 216U);
  const auto expiring = private_jwk(item(true), private_key());
  EXPECT_EQ(to_text(expiring.reveal()), format("stored_item_with_expiry"));
  EXPECT_EQ(expiring.size(), 239U);
  EXPECT_EQ(to_hex(private_tink(private_key()).reveal()), format("tink_keyset_hex"));
}

TEST(KeyFormatVectors, ReadBack) {
  const auto from_jwk = private_key_from_jwk(as_bytes(format("stored_item_with_expiry")));
  ASSERT_TRUE(from_jwk) << from_jwk.error().message;
  EXPECT_TRUE(same(from_jwk->reveal(), private_key()));
  const auto from_tink = private_key_from_tink(*from_hex(format("tink_keyset_hex")));
  ASSERT_TRUE(from_tink);
  EXPECT_TRUE(same(from_tink->reveal(), private_key()));
}

TEST(KeyFormatVectors, OpenWithThePublishedWrappingKey) {
  const auto key = crypto::PrivateKey::from_pem(read_file("wrapping/privateWrapKey.pem"));
  ASSERT_TRUE(key);
  const auto jwk = key->oaep_decrypt(*from_base64(format("unwrap_jwk_sample_base64")));
  ASSERT_TRUE(jwk);
  EXPECT_EQ(to_text(jwk->reveal()), format("stored_item_no_expiry"));
  const auto tink = key->oaep_decrypt(*from_base64(format("unwrap_tink_sample_base64")));
  ASSERT_TRUE(tink);
  EXPECT_EQ(to_hex(tink->reveal()), format("tink_keyset_hex"));
}

TEST(KeyFormatVectors, BindThePublishedWrappingKeyAndKnowIt) {
  const auto pem = read_file("wrapping/publicWrapKey.pem");
  const auto digest = crypto::sha256(as_bytes(pem));
  std::array<Byte, 64> report_data{};
  std::copy(digest.bytes.begin(), digest.bytes.end(), report_data.begin());
  attestation::ClaimsMaker maker("snp-aci");
  maker.set_report_data(report_data);
  WrappingKeys known;
  const auto bound = bound_by(std::move(maker).finish(), pem, known);
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_EQ(bound->key().bits(), 4096U);
  EXPECT_TRUE(is_published_sample_key(bound->key()));
  EXPECT_EQ(hash_prefix(pem), "36b03dab8e8751b2");
}

TEST(KeyFormatVectors, HaveTheClaimsDigestOfTheSyntheticReceipt) {
  const auto text = read_file("derived/receipt-synthetic.json");
  EXPECT_NE(text.find(to_hex(claims_digest(item()))), std::string::npos);
}

TEST(IdVectors, HoldForEveryCounterAndId) {
  const auto ids = *codec::json::parse_object(read_file("derived/ids.json"));
  for (const auto& each : ids.at("counter_to_id").as_array()) {
    const auto& pair = each.as_array();
    EXPECT_EQ(id_of(static_cast<std::uint64_t>(pair[0].as_int64())), pair[1].as_int64());
  }
  for (const auto& each : ids.at("id_to_ohttp_key_id").as_array()) {
    const auto& pair = each.as_array();
    EXPECT_EQ(ohttp_key_id(static_cast<unsigned>(pair[0].as_int64())), pair[1].as_int64());
  }
}

// Keys the peers themselves made: kid and claims digest as they computed them.
TEST(CaptureVectors, HaveTheKidOfTheirPublicKey) {
  const auto captures = *codec::json::parse_object(read_file("captures/ispirt-on-ccf7.json"));
  int checked = 0;
  for (const auto& each : captures.at("exchanges").as_array()) {
    const auto name = codec::json::text_view(each.at("name").as_string());
    if (name != "refresh" && name != "refresh with rotation policy") continue;
    const auto body =
        std::string(codec::json::text_view(each.at("response").at("body").as_string()));
    const auto jwk = *codec::json::parse_object(body);
    PublicItem key;
    key.public_key = *from_base64url(*codec::json::text_of(jwk, "x"));
    key.number = name == "refresh" ? 1 : 2;
    key.kid = kid_of(key.kem, key.public_key, key.number);
    key.id = id_of(key.number);
    key.created = from_unix_ms(*codec::json::integer_of(jwk, "timestamp"));
    if (const auto expiry = codec::json::integer_of(jwk, "expiry")) {
      key.expiry = from_unix_ms(*expiry);
    }
    EXPECT_EQ(written(public_jwk(key)), body);
    ++checked;
  }
  EXPECT_EQ(checked, 2);
}

}  // namespace
}  // namespace vitrine::keys
