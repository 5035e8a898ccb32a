#include "keys/wrap.h"

#include <gtest/gtest.h>

#include "attestation/claims_maker.h"
#include "base/hex.h"
#include "codec/pem.h"
#include "crypto/hash.h"
#include "crypto/spki.h"
#include "policy/policies_for_testing.h"

namespace vitrine::keys {
namespace {

const crypto::PrivateKey& rsa_key() {
  static const auto key = *crypto::PrivateKey::generate(crypto::KeyKind::rsa, 2048);
  return key;
}

attestation::Claims claims_with(const std::array<Byte, 64>& report_data) {
  attestation::ClaimsMaker maker("snp-aci");
  maker.set("x-ms-ver", "3").set_report_data(report_data);
  return std::move(maker).finish();
}

// Claims whose report data binds `text`.
attestation::Claims claims_for(std::string_view text) {
  std::array<Byte, 64> report_data{};
  const auto digest = crypto::sha256(as_bytes(text));
  std::copy(digest.bytes.begin(), digest.bytes.end(), report_data.begin());
  return claims_with(report_data);
}

Result<BoundKey> bound(const attestation::Claims& claims, std::string_view text) {
  WrappingKeys known;
  return bound_by(claims, text, known);
}

Error refusal(std::string_view text, const attestation::Claims& claims) {
  const auto key = bound(claims, text);
  EXPECT_FALSE(key.has_value());
  return key ? Error() : key.error();
}

TEST(PemLook, AcceptsOneBlockWithLfAlone) {
  const auto pem = rsa_key().public_key().pem();
  EXPECT_TRUE(look_at_pem(pem).acceptable);
  EXPECT_TRUE(look_at_pem(pem).has_begin);
  EXPECT_TRUE(look_at_pem(pem).has_end);
  EXPECT_TRUE(look_at_pem(pem).has_actual_newline);
  EXPECT_FALSE(look_at_pem(pem).has_literal_newline);
}

TEST(PemLook, AcceptsNothingNearIt) {
  const auto pem = rsa_key().public_key().pem();
  auto crlf = pem;
  for (std::size_t i = 0; (i = crlf.find('\n', i)) != std::string::npos; i += 2) {
    crlf.replace(i, 1, "\r\n");
  }
  auto literal = pem;
  for (std::size_t i = 0; (i = literal.find('\n', i)) != std::string::npos; i += 2) {
    literal.replace(i, 1, "\\n");
  }
  EXPECT_FALSE(look_at_pem(pem.substr(0, pem.size() - 1)).acceptable);
  EXPECT_FALSE(look_at_pem(pem + "\n").acceptable);
  EXPECT_FALSE(look_at_pem("text\n" + pem).acceptable);
  EXPECT_FALSE(look_at_pem(pem + pem).acceptable);
  EXPECT_FALSE(look_at_pem(crlf).acceptable);
  EXPECT_FALSE(look_at_pem(literal).acceptable);
  EXPECT_TRUE(look_at_pem(literal).has_literal_newline);
  EXPECT_FALSE(look_at_pem(literal).has_actual_newline);
  EXPECT_FALSE(look_at_pem("").acceptable);
  EXPECT_FALSE(look_at_pem("-----BEGIN PUBLIC KEY-----\n-----END PUBLIC KEY-----\n").acceptable);
  EXPECT_FALSE(look_at_pem("junk").has_begin);
}

TEST(BoundKey, IsTheKeyWhoseTextTheReportDataHashes) {
  const auto pem = rsa_key().public_key().pem();
  const auto key = bound(claims_for(pem), pem);
  ASSERT_TRUE(key) << key.error().message;
  EXPECT_EQ(key->key(), rsa_key().public_key());
  EXPECT_EQ(key->text_sha256(), crypto::sha256(as_bytes(pem)));
}

TEST(BoundKey, IsReadOnceAndBoundEachTime) {
  WrappingKeys known;
  const auto pem = rsa_key().public_key().pem();
  for (int i = 0; i < 3; ++i) {
    const auto key = bound_by(claims_for(pem), pem, known);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->key(), rsa_key().public_key());
    EXPECT_EQ(known.size_for_testing(), 1U);
  }
  // Known or not, it is the evidence at hand that has to bind it.
  EXPECT_EQ(bound_by(claims_with({}), pem, known).error().message,
            "wrapping key: its SHA-256 is not what the report data begins with");
  EXPECT_EQ(bound_by(claims_for(pem + "\n"), pem + "\n", known).error().message,
            "wrapping key: not one PEM block with LF line ends");
  EXPECT_EQ(known.size_for_testing(), 1U);
}

TEST(BoundKey, RemembersABoundedNumber) {
  WrappingKeys known(1);
  const auto other = crypto::PrivateKey::generate(crypto::KeyKind::rsa, 2048)->public_key().pem();
  for (const auto& pem : {rsa_key().public_key().pem(), other, rsa_key().public_key().pem()}) {
    const auto key = bound_by(claims_for(pem), pem, known);
    ASSERT_TRUE(key) << key.error().message;
    EXPECT_EQ(key->key().pem(), pem);
    EXPECT_EQ(known.size_for_testing(), 1U);
  }
}

TEST(BoundKey, RefusesAnotherHash) {
  const auto pem = rsa_key().public_key().pem();
  const auto error = refusal(pem, claims_for(pem + " "));
  EXPECT_EQ(error.code, Code::denied);
  EXPECT_EQ(error.message, "wrapping key: its SHA-256 is not what the report data begins with");
}

TEST(BoundKey, RefusesAnUpperHalfThatIsNotZero) {
  const auto pem = rsa_key().public_key().pem();
  for (const std::size_t at : {32U, 63U}) {
    auto report_data = claims_for(pem).report_data();
    report_data[at] = 1;
    const auto error = refusal(pem, claims_with(report_data));
    EXPECT_EQ(error.code, Code::denied);
    EXPECT_EQ(error.message, "wrapping key: bytes 32 to 63 of the report data are not zero");
  }
}

TEST(BoundKey, RefusesWhatIsNotAnRsaKeyInOneBlock) {
  const auto ec = crypto::PrivateKey::generate(crypto::KeyKind::ec_p256);
  ASSERT_TRUE(ec);
  const auto ec_pem = ec->public_key().pem();
  EXPECT_EQ(refusal(ec_pem, claims_for(ec_pem)).message, "wrapping key: not an RSA key");
  const auto twice = rsa_key().public_key().pem() + rsa_key().public_key().pem();
  EXPECT_EQ(refusal(twice, claims_for(twice)).message,
            "wrapping key: not one PEM block with LF line ends");
  const std::string junk = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
  const auto error = refusal(junk, claims_for(junk));
  EXPECT_EQ(error.code, Code::malformed);
  EXPECT_TRUE(error.message.starts_with("wrapping key: "));
}

TEST(BoundKey, RefusesAKeyThatWouldCostTooMuch) {
  const auto said = [](std::size_t bits, const Bytes& exponent) {
    const Bytes der =
        crypto::write_spki({crypto::KeyKind::rsa, Bytes(bits / 8, 0xff), exponent, {}});
    const std::string pem = codec::pem::encode("PUBLIC KEY", der);
    const auto key = bound(claims_for(pem), pem);
    return key ? "accepted" : key.error().message;
  };
  const std::string opening = "wrapping key: SubjectPublicKeyInfo: public key: ";
  EXPECT_EQ(said(4096, {1, 0, 1}), "accepted");
  EXPECT_EQ(said(4096, {0xff, 0xff, 0xff, 0xff}), "accepted");
  EXPECT_EQ(said(16384, {1, 0, 1}), opening + "RSA of 16384 bits; accepted are 2048 to 4096");
  EXPECT_EQ(said(4104, {1, 0, 1}), opening + "RSA of 4104 bits; accepted are 2048 to 4096");
  EXPECT_EQ(said(1024, {1, 0, 1}), opening + "RSA of 1024 bits; accepted are 2048 to 4096");
  for (const Bytes& exponent : {Bytes{1}, Bytes{2}, Bytes{1, 0, 0, 0, 1}})
    EXPECT_EQ(said(2048, exponent), opening + "RSA exponent is even, below 3 or of 2^32 and more");
}

policy::AttestationResult accepted(const attestation::Claims& claims) {
  return *policy::appraise(
      policy::policy_for_testing(R"({"type":"add","claims":{"x-ms-ver":"3"}})"), claims);
}

TEST(Wrap, OpensWithTheWrappingKeysPrivateHalf) {
  const auto pem = rsa_key().public_key().pem();
  const auto claims = claims_for(pem);
  const auto key = bound(claims, pem);
  ASSERT_TRUE(key);
  const Bytes keyset(101, 0x42);
  const auto wrapped = wrap_for(accepted(claims), *key, keyset);
  ASSERT_TRUE(wrapped);
  EXPECT_EQ(wrapped->size(), 256U);
  const auto opened = rsa_key().oaep_decrypt(*wrapped);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(same(opened->reveal(), keyset));
}

TEST(Wrap, RefusesAPlaintextTheKeyIsTooSmallFor) {
  const auto pem = rsa_key().public_key().pem();
  const auto claims = claims_for(pem);
  const auto key = bound(claims, pem);
  ASSERT_TRUE(key);
  EXPECT_TRUE(wrap_for(accepted(claims), *key, Bytes(190)));
  const auto wrapped = wrap_for(accepted(claims), *key, Bytes(191));
  ASSERT_FALSE(wrapped);
  EXPECT_EQ(wrapped.error().code, Code::malformed);
  EXPECT_TRUE(wrapped.error().message.starts_with("wrap: "));
}

TEST(HashPrefix, IsSixteenDigitsOfEither) {
  const auto pem = rsa_key().public_key().pem();
  EXPECT_EQ(hash_prefix(pem), to_hex(crypto::sha256(as_bytes(pem))).substr(0, 16));
  EXPECT_EQ(report_data_prefix(claims_for(pem)), hash_prefix(pem));
  EXPECT_EQ(report_data_prefix(claims_with({})), "0000000000000000");
}

TEST(PublishedSampleKey, IsNoOtherKey) {
  EXPECT_FALSE(is_published_sample_key(rsa_key().public_key()));
}

}  // namespace
}  // namespace vitrine::keys
