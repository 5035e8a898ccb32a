#include "crypto/cose.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace vitrine::crypto {
namespace {

namespace cbor = codec::cbor;

const PrivateKey& p256() {
  static const PrivateKey key = *PrivateKey::generate(KeyKind::ec_p256);
  return key;
}

cbor::Value header(std::int64_t algorithm) {
  return cbor::Value::map({{cbor::Value::integer(1), cbor::Value::integer(algorithm)},
                           {cbor::Value::integer(4), cbor::Value::bytes(as_bytes("member"))}});
}

Bytes signed_message() {
  return *sign_cose_sign1(header(-7), cbor::Value::map({}), as_bytes("ballot"), p256());
}

std::string outcome(std::string_view hex, CoseTag tag = CoseTag::required) {
  const auto parsed = parse_cose_sign1(*from_hex(hex), tag);
  return parsed ? "accepted" : parsed.error().message;
}

TEST(Cose, VerifiesWhatItSignedWithEveryAlgorithm) {
  const PrivateKey rsa = *PrivateKey::generate(KeyKind::rsa, 2048);
  for (const std::int64_t algorithm : {-7, -35, -36, -37, -38, -39}) {
    const PrivateKey key = algorithm == -7    ? p256()
                           : algorithm == -35 ? *PrivateKey::generate(KeyKind::ec_p384)
                           : algorithm == -36 ? *PrivateKey::generate(KeyKind::ec_p521)
                                              : rsa;
    const auto message =
        sign_cose_sign1(header(algorithm), cbor::Value::map({}), as_bytes("ballot"), key);
    ASSERT_TRUE(message.has_value()) << message.error().message;
    const auto parsed = parse_cose_sign1(*message, CoseTag::required);
    ASSERT_TRUE(parsed.has_value()) << parsed.error().message;
    EXPECT_EQ(parsed->algorithm(), algorithm);
    EXPECT_EQ(parsed->kid(), to_bytes("member"));
    EXPECT_EQ(as_text(parsed->payload), "ballot");
    EXPECT_TRUE(verify_cose_sign1(*parsed, algorithm, key.public_key()).has_value());
    CoseSign1 changed = *parsed;
    changed.payload.back() ^= 1;
    EXPECT_EQ(verify_cose_sign1(changed, algorithm, key.public_key()).error().message,
              "COSE_Sign1: signature does not verify");
  }
}

TEST(Cose, TheCallerFixesTheAlgorithm) {
  const auto parsed = *parse_cose_sign1(signed_message(), CoseTag::required);
  EXPECT_EQ(verify_cose_sign1(parsed, -35, p256().public_key()).error().message,
            "COSE_Sign1: protected header does not say algorithm -35");
  const PrivateKey p384 = *PrivateKey::generate(KeyKind::ec_p384);
  EXPECT_EQ(verify_cose_sign1(parsed, -7, p384.public_key()).error().message,
            "COSE_Sign1: the algorithm does not fit the key");
  EXPECT_EQ(cose_signature_algorithm(-8).error().message, "COSE: algorithm -8 is not supported");
  EXPECT_EQ(cose_signature_algorithm(-38), SignatureAlgorithm::rsa_pss_sha384);
}

TEST(Cose, AnAlgorithmOutsideTheProtectedHeaderDoesNotCount) {
  EXPECT_EQ(sign_cose_sign1(cbor::Value::map({}), header(-7), {}, p256()).error().message,
            "COSE_Sign1: the protected header names no algorithm");
  // Protected h'', unprotected {1: -7}.
  const auto unprotected = parse_cose_sign1(*from_hex("d28440a1012641004100"), CoseTag::required);
  ASSERT_TRUE(unprotected.has_value()) << unprotected.error().message;
  EXPECT_EQ(unprotected->algorithm(), std::nullopt);
  EXPECT_EQ(verify_cose_sign1(*unprotected, -7, p256().public_key()).error().message,
            "COSE_Sign1: protected header does not say algorithm -7");
}

TEST(Cose, TheTagIsThereOrNotAsTheCallerSays) {
  EXPECT_EQ(outcome("d28443a10126a041004100"), "accepted");
  EXPECT_EQ(outcome("8443a10126a041004100", CoseTag::forbidden), "accepted");
  EXPECT_EQ(outcome("8443a10126a041004100"), "COSE_Sign1: no tag 18");
  EXPECT_EQ(outcome("d28443a10126a041004100", CoseTag::forbidden),
            "COSE_Sign1: tag 18 does not belong here");
  EXPECT_EQ(outcome("d18443a10126a041004100"), "COSE_Sign1: no tag 18");
}

TEST(Cose, RefusesAnOuterStructureInALongerForm) {
  const std::string longer = "COSE_Sign1: the outer structure is not in its shortest form";
  EXPECT_EQ(outcome("d8128443a10126a041004100"), longer);    // tag in two bytes
  EXPECT_EQ(outcome("d2980443a10126a041004100"), longer);    // array length in two
  EXPECT_EQ(outcome("d29f43a10126a041004100ff"), longer);    // array without length
  EXPECT_EQ(outcome("d2845803a10126a041004100"), longer);    // protected
  EXPECT_EQ(outcome("d28443a10126a05801004100"), longer);    // payload
  EXPECT_EQ(outcome("d28443a10126a04100580100"), longer);    // signature
  EXPECT_EQ(outcome("d28443a10126a041005f4100ff"), longer);  // signature in chunks
  // The unprotected map is ignored, so its form does not count.
  EXPECT_EQ(outcome("d28443a10126bfff41004100"), "accepted");
  EXPECT_EQ(outcome("d28443a10126a11801616141004100"), "accepted");
}

TEST(Cose, TakesIndefiniteLengthsInHeadersUnlessTheCallerForbidsThem) {
  // {_ 1: -7} in the protected header, then in the unprotected one
  for (const std::string_view hex : {"d28444bf0126ffa04040", "d28443a10126bf0126ff4040"}) {
    EXPECT_EQ(outcome(hex), "accepted") << hex;
    const auto parsed =
        parse_cose_sign1(*from_hex(hex), CoseTag::required, cbor::Strictness::definite);
    ASSERT_FALSE(parsed) << hex;
    EXPECT_NE(parsed.error().message.find("an indefinite length"), std::string::npos);
  }
}

TEST(Cose, RefusesOtherShapes) {
  const std::string types = "COSE_Sign1: protected, unprotected or signature has the wrong type";
  EXPECT_EQ(outcome("d28343a10126a04100"), "COSE_Sign1: not an array of four");
  EXPECT_EQ(outcome("d2a0"), "COSE_Sign1: not an array of four");
  EXPECT_EQ(outcome("d284a10126a041004100"), types);
  EXPECT_EQ(outcome("d28443a101264041004100"), types);
  EXPECT_EQ(outcome("d28443a10126a041006100"), types);
  EXPECT_EQ(outcome("d28443a10126a0f64100"),
            "COSE_Sign1: the payload is detached or no byte string");
  EXPECT_EQ(outcome("d2844101a041004100"), "COSE_Sign1: protected header is no map");
  for (const char* broken :
       {"d28443a10126a04100410000", "d28443a10126a0410041", "d28445a101260126a041004100", ""}) {
    EXPECT_NE(outcome(broken), "accepted") << broken;
  }
}

TEST(Cose, RefusesEveryTruncation) {
  const Bytes message = signed_message();
  for (std::size_t size = 0; size < message.size(); ++size) {
    EXPECT_FALSE(parse_cose_sign1(ByteView(message).first(size), CoseTag::required).has_value());
  }
}

}  // namespace
}  // namespace vitrine::crypto
