#include "keys/key.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/hash.h"
#include "crypto/key.h"

namespace vitrine::keys {
namespace {

struct Pair {
  PublicItem item;
  SecretBytes private_key;
};

Pair make_pair_of(crypto::Kem kem, std::uint64_t number = 1) {
  auto pair = crypto::kem_generate(kem);
  EXPECT_TRUE(pair.has_value());
  PublicItem item;
  item.kem = kem;
  item.number = number;
  item.kid = kid_of(kem, pair->public_key, number);
  item.id = id_of(number);
  item.public_key = pair->public_key;
  item.created = from_unix_ms(1'700'000'000'000);
  return {item, std::move(pair->private_key)};
}

constexpr crypto::Kem kKems[] = {crypto::Kem::x25519_sha256, crypto::Kem::p256_sha256,
                                 crypto::Kem::p384_sha384};

TEST(KeyId, RunsFrom10To99AndBeginsAgain) {
  EXPECT_EQ(id_of(1), 11U);
  EXPECT_EQ(id_of(89), 99U);
  EXPECT_EQ(id_of(90), 10U);
  EXPECT_EQ(id_of(91), 11U);
  EXPECT_EQ(id_of(UINT64_MAX), UINT64_MAX % 90 + 10);
}

TEST(KeyId, IsReadAsTwoHexDigitsByOhttp) {
  EXPECT_EQ(ohttp_key_id(10), 0x10);
  EXPECT_EQ(ohttp_key_id(26), 0x26);
  EXPECT_EQ(ohttp_key_id(99), 0x99);
}

TEST(PublicPem, IsWhatTheCryptographyLibraryReadsForEachKem) {
  for (const auto kem : {crypto::Kem::p256_sha256, crypto::Kem::p384_sha384}) {
    const auto pair = make_pair_of(kem);
    const auto pem = public_pem(kem, pair.item.public_key);
    const auto key = crypto::PublicKey::from_pem(pem);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->ec_point(), pair.item.public_key);
    EXPECT_EQ(key->pem(), pem);
  }
}

TEST(Kid, IsTheHashOfThePemTextAndTheNumber) {
  const auto pair = make_pair_of(crypto::Kem::x25519_sha256, 12);
  const auto pem = public_pem(pair.item.kem, pair.item.public_key);
  EXPECT_EQ(pem.size(), 113U);
  EXPECT_EQ(pair.item.kid, to_base64url(crypto::sha256(as_bytes(pem))) + "_12");
}

TEST(PrivateJwk, ReadsBackForEachKem) {
  for (const auto kem : kKems) {
    const auto pair = make_pair_of(kem);
    const auto jwk = private_jwk(pair.item, pair.private_key.reveal());
    const auto read = private_key_from_jwk(jwk.reveal());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(same(read->reveal(), pair.private_key.reveal()));
  }
}

TEST(PrivateJwk, IsThePublicOneWithD) {
  auto pair = make_pair_of(crypto::Kem::x25519_sha256);
  pair.item.expiry = from_unix_ms(1'702'678'400'000);
  const auto jwk = private_jwk(pair.item, pair.private_key.reveal());
  auto text = to_text(jwk.reveal());
  const auto d = ",\"d\":\"" + to_base64url(pair.private_key.reveal()) + "\"";
  const auto at = text.find(d);
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(text.substr(0, at), R"({"crv":"X25519")");
  EXPECT_EQ(text.erase(at, d.size()), codec::json::write(public_jwk(pair.item)));
}

// What private_key_from_jwk says of a changed JWK of a fixed key.
std::string jwk_refusal(const std::string& from, const std::string& to) {
  std::string text =
      R"({"crv":"X25519","d":"AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA","kid":"k_1","kty":"OKP",)"
      R"("x":"B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9_AsrhtHHw","timestamp":1700000000000,"id":11})";
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos);
  text.replace(at, from.size(), to);
  const auto key = private_key_from_jwk(as_bytes(text));
  return key ? "" : key.error().message;
}

TEST(PrivateJwk, RefusesWhatIsNotOne) {
  EXPECT_EQ(jwk_refusal("k_1", "k_2"), "");
  EXPECT_EQ(jwk_refusal("\"id\":11", "\"id\": 11 , \"more\":null"), "");
  EXPECT_EQ(jwk_refusal("X25519", "X448"), "private JWK: crv is not X25519, P-256 or P-384");
  EXPECT_EQ(jwk_refusal("OKP", "EC"), "private JWK: kty does not fit crv");
  EXPECT_EQ(jwk_refusal("\"d\":", "\"e\":"), "private JWK: d is absent");
  EXPECT_EQ(jwk_refusal("AQID", "AQI"), "private JWK: d: base64url of another length");
  EXPECT_EQ(jwk_refusal("AQID", "AQI="), "private JWK: d: not base64url");
  EXPECT_EQ(jwk_refusal("HyA\"", "HyB\""), "private JWK: d: not base64url");  // unused bits set
  EXPECT_EQ(jwk_refusal("B6N8", "B6N9"), "private JWK: x is not the public half of d");
  EXPECT_EQ(jwk_refusal("AQIDBAUG", "AQIDCAUG"), "private JWK: x is not the public half of d");
  const std::string flat = "private JWK: not a flat JSON object";
  EXPECT_EQ(jwk_refusal("\"id\":11", "\"d\":11"), flat);  // twice
  EXPECT_EQ(jwk_refusal("\"id\":11", "\"id\":[11]"), flat);
  EXPECT_EQ(jwk_refusal("\"id\":11", "\"id\":011"), flat);
  EXPECT_EQ(jwk_refusal("k_1", "k\\u005f1"), flat);
  EXPECT_EQ(jwk_refusal("11}", "11}x"), flat);
  EXPECT_EQ(jwk_refusal("11}", "11"), flat);
  EXPECT_EQ(jwk_refusal("k_1", std::string(5000, 'k')), "private JWK: over 4096 bytes");
}

TEST(PrivateTink, ReadsBackForEachKem) {
  for (const auto kem : kKems) {
    const auto pair = make_pair_of(kem);
    const auto keyset = private_tink(pair.private_key.reveal());
    EXPECT_EQ(keyset.size(), 69 + crypto::kem_sizes(kem).private_key);
    const auto read = private_key_from_tink(keyset.reveal());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_TRUE(same(read->reveal(), pair.private_key.reveal()));
  }
}

TEST(PrivateTink, RefusesAKeysetThatDiffersAnywhereButInTheKey) {
  const Bytes key(32, 7);
  const auto keyset = private_tink(key);
  const std::size_t key_at = keyset.size() - 6 - key.size();
  for (std::size_t i = 0; i < keyset.size(); ++i) {
    auto changed = to_bytes(keyset.reveal());
    changed[i] ^= 1;
    const bool in_key = i >= key_at && i < key_at + key.size();
    const auto read = private_key_from_tink(changed);
    EXPECT_EQ(read.has_value(), in_key) << i;
    if (!read) {
      EXPECT_EQ(read.error().message,
                "private Tink keyset: not one enabled HpkePrivateKey in the KMS's encoding");
    }
  }
  EXPECT_FALSE(private_key_from_tink(keyset.reveal().first(keyset.size() - 1)));
  EXPECT_FALSE(private_key_from_tink({}));
}

// A protobuf reader of its own: what a Tink library would see in the keyset.
struct Field {
  unsigned number = 0, wire_type = 0;
  std::uint64_t varint = 0;
  Bytes bytes;
};

std::vector<Field> fields_of(ByteView message) {
  std::vector<Field> fields;
  std::size_t at = 0;
  const auto varint = [&] {
    std::uint64_t value = 0;
    for (unsigned shift = 0; at < message.size(); shift += 7) {
      const Byte byte = message[at++];
      value |= std::uint64_t{byte & 0x7fU} << shift;
      if ((byte & 0x80) == 0) break;
    }
    return value;
  };
  while (at < message.size()) {
    Field field;
    const auto tag = varint();
    field.number = static_cast<unsigned>(tag >> 3);
    field.wire_type = static_cast<unsigned>(tag & 7);
    if (field.wire_type == 0) {
      field.varint = varint();
    } else {
      const auto size = varint();
      EXPECT_EQ(field.wire_type, 2U);
      EXPECT_LE(size, message.size() - at);
      field.bytes = to_bytes(message.subspan(at, size));
      at += size;
    }
    fields.push_back(std::move(field));
  }
  return fields;
}

TEST(PrivateTink, IsAKeysetMessageWithOneHpkePrivateKey) {
  const Bytes private_key(32, 0x5a);
  const auto bytes = private_tink(private_key);
  const auto keyset = fields_of(bytes.reveal());
  ASSERT_EQ(keyset.size(), 1U);  // primary_key_id 0 is left out
  EXPECT_EQ(keyset[0].number, 2U);
  const auto key = fields_of(keyset[0].bytes);
  ASSERT_EQ(key.size(), 3U);  // key_id 0 is left out
  EXPECT_EQ(key[0].number, 1U);
  EXPECT_EQ(key[1].number, 2U);
  EXPECT_EQ(key[1].varint, 1U);  // ENABLED
  EXPECT_EQ(key[2].number, 4U);
  EXPECT_EQ(key[2].varint, 1U);  // TINK
  const auto key_data = fields_of(key[0].bytes);
  ASSERT_EQ(key_data.size(), 3U);
  EXPECT_EQ(key_data[0].number, 1U);
  EXPECT_EQ(to_text(key_data[0].bytes), "type.googleapis.com/google.crypto.tink.HpkePrivateKey");
  EXPECT_EQ(key_data[2].number, 3U);
  EXPECT_EQ(key_data[2].varint, 2U);  // ASYMMETRIC_PRIVATE
  EXPECT_EQ(key_data[1].number, 2U);
  const auto hpke_private_key = fields_of(key_data[1].bytes);
  ASSERT_EQ(hpke_private_key.size(), 1U);
  EXPECT_EQ(hpke_private_key[0].number, 3U);
  EXPECT_EQ(hpke_private_key[0].bytes, private_key);
}

TEST(TinkEnvelope, HoldsOneElementForEachKeyInTheOrderGiven) {
  const auto first = make_pair_of(crypto::Kem::x25519_sha256, 2);
  const auto second = make_pair_of(crypto::Kem::x25519_sha256, 1);
  const auto now = from_unix_ms(1'700'000'100'000);
  const auto envelope = codec::json::parse_object(tink_envelope({first.item, second.item}, now));
  ASSERT_TRUE(envelope);
  const auto& keys = envelope->at("keys").as_array();
  ASSERT_EQ(keys.size(), 2U);
  const auto uri = [&](std::size_t i) {
    const auto& key_data = keys[i].at("keyData").as_array();
    EXPECT_EQ(key_data.size(), 1U);
    return std::string(codec::json::text_view(key_data[0].at("keyEncryptionKeyUri").as_string()));
  };
  EXPECT_EQ(uri(0), "azu-kms://" + first.item.kid);
  EXPECT_EQ(uri(1), "azu-kms://" + second.item.kid);
  EXPECT_EQ(codec::json::write(keys[1].at("name")), "\"encryptionKeys/11\"");
  EXPECT_EQ(codec::json::write(keys[0].at("creationTime")), "\"1700000100000\"");
}

TEST(TinkEnvelope, HoldsNothingOfThePrivateKey) {
  const auto pair = make_pair_of(crypto::Kem::x25519_sha256);
  const auto text = tink_envelope({pair.item}, pair.item.created);
  EXPECT_EQ(text.find(to_base64url(pair.private_key.reveal())), std::string::npos);
  EXPECT_NE(text.find(to_base64(Bytes(101))), std::string::npos);
}

TEST(ClaimsDigest, IsTheHashOfTheTextOfX) {
  const auto pair = make_pair_of(crypto::Kem::x25519_sha256);
  const auto x = to_base64url(pair.item.public_key);
  EXPECT_EQ(x.size(), 43U);
  EXPECT_EQ(claims_digest(pair.item), crypto::sha256(as_bytes(x)));
}

}  // namespace
}  // namespace vitrine::keys
