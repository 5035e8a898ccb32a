#include "client/governance/signed_request.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace vitrine::client {
namespace {

const std::string kId(64, 'a');

Signer signer_on(crypto::KeyKind kind) {
  const auto key = crypto::PrivateKey::generate(kind, 2048);
  crypto::CertificateRequest request;
  request.common_name = "alice";
  request.not_before = from_unix_seconds(1'700'000'000);
  request.not_after = from_unix_seconds(4'000'000'000);
  return *make_signer(*crypto::make_self_signed(request, *key), *key);
}

SignedRequest proposal() {
  return {RequestType::proposal, 1'763'000'000, "", to_bytes(R"({"actions":[]})")};
}

TEST(SignedRequest, CarriesTheHeadersOfTheContractInDeterministicOrder) {
  const auto signer = signer_on(crypto::KeyKind::ec_p384);
  const auto bytes = sign({RequestType::ballot, 1'763'000'000, kId, to_bytes("{}")}, signer);
  ASSERT_TRUE(bytes) << bytes.error().message;
  const auto message = crypto::parse_cose_sign1(*bytes, crypto::CoseTag::required);
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_TRUE(
      codec::cbor::decode(message->protected_bytes, codec::cbor::Strictness::deterministic));
  EXPECT_EQ(message->algorithm(), -35);
  EXPECT_EQ(to_text(*message->kid()), to_hex(signer.certificate.der_sha256()));
  EXPECT_EQ(message->protected_header.find("ccf.gov.msg.type")->as_text(), "ballot");
  EXPECT_EQ(message->protected_header.find("ccf.gov.msg.created_at")->as_uint(), 1'763'000'000u);
  EXPECT_EQ(message->protected_header.find("ccf.gov.msg.proposal_id")->as_text(), kId);
  EXPECT_EQ(message->protected_header.entries().size(), 5u);
  EXPECT_TRUE(message->unprotected_header.entries().empty());
  EXPECT_EQ(to_text(message->payload), "{}");
  EXPECT_TRUE(crypto::verify_cose_sign1(*message, -35, signer.certificate.public_key()));
}

TEST(SignedRequest, IsTheSameMadeInTwoSteps) {
  for (const auto kind :
       {crypto::KeyKind::ec_p256, crypto::KeyKind::ec_p384, crypto::KeyKind::ec_p521}) {
    const auto signer = signer_on(kind);
    const auto prepared = prepare(proposal(), signer.certificate);
    ASSERT_TRUE(prepared) << prepared.error().message;
    const auto signature =
        signer.key.sign(crypto::ecdsa_raw_for(kind),
                        crypto::cose_signature_input(prepared->protected_bytes, prepared->payload));
    const auto bytes = finish(*prepared, *signature, signer.certificate);
    ASSERT_TRUE(bytes) << bytes.error().message;
    const auto message = crypto::parse_cose_sign1(*bytes, crypto::CoseTag::required);
    EXPECT_TRUE(crypto::verify_cose_sign1(*message, *prepared->algorithm(),
                                          signer.certificate.public_key()));
  }
}

TEST(SignedRequest, TellsTheDigestOfTheAlgorithm) {
  const std::pair<crypto::KeyKind, std::size_t> kinds[] = {{crypto::KeyKind::ec_p256, 32},
                                                           {crypto::KeyKind::ec_p384, 48},
                                                           {crypto::KeyKind::ec_p521, 64}};
  for (const auto& [kind, size] : kinds) {
    const auto prepared = prepare(proposal(), signer_on(kind).certificate);
    EXPECT_EQ(to_sign(*prepared)->digest.size(), size);
  }
}

TEST(SignedRequest, RefusesASignatureOfSomethingElse) {
  const auto signer = signer_on(crypto::KeyKind::ec_p256);
  const auto prepared = prepare(proposal(), signer.certificate);
  auto later = proposal();
  later.created_at += 1;
  const auto other = prepare(later, signer.certificate);
  const auto signature =
      signer.key.sign(crypto::SignatureAlgorithm::ecdsa_sha256_raw,
                      crypto::cose_signature_input(other->protected_bytes, other->payload));
  const auto finished = finish(*prepared, *signature, signer.certificate);
  ASSERT_FALSE(finished);
  EXPECT_EQ(finished.error().code, Code::denied);
  EXPECT_EQ(finished.error().message,
            "the signature is not one of this request by this certificate's key");
  const auto der = signer.key.sign(crypto::SignatureAlgorithm::ecdsa_sha256_der, as_bytes("x"));
  const auto not_raw = finish(*prepared, *der, signer.certificate);
  ASSERT_FALSE(not_raw);
  EXPECT_NE(not_raw.error().message.find("r and s together have 64"), std::string::npos);
  EXPECT_EQ(not_raw.error().hint, "it must be r || s, not DER");
}

TEST(SignedRequest, RefusesWhatNoServiceTakes) {
  const auto signer = signer_on(crypto::KeyKind::ec_p256);
  const auto no_id = sign({RequestType::ballot, 1, "abc", {}}, signer);
  ASSERT_FALSE(no_id);
  EXPECT_EQ(no_id.error().message, "a ballot names its proposal by 64 hex digits, not by \"abc\"");
  const auto id = sign({RequestType::ack, 1, kId, {}}, signer);
  ASSERT_FALSE(id);
  EXPECT_EQ(id.error().message, "a request of type ack names no proposal");
  EXPECT_FALSE(sign({RequestType::ack, -1, "", {}}, signer));
  EXPECT_TRUE(sign({RequestType::ack, 9'999'999'999, "", {}}, signer));
  EXPECT_FALSE(sign({RequestType::ack, 10'000'000'000, "", {}}, signer));
  const auto rsa = signer_on(crypto::KeyKind::rsa);
  EXPECT_EQ(prepare(proposal(), rsa.certificate).error().message,
            "signer's key is not on P-256, P-384 or P-521");
  EXPECT_FALSE(make_signer(signer.certificate, signer_on(crypto::KeyKind::ec_p256).key));
}

TEST(SignedRequest, SaysOfItselfWhoSignedWhat) {
  const auto signer = signer_on(crypto::KeyKind::ec_p256);
  const auto message = prepare({RequestType::withdrawal, 7, kId, {}}, signer.certificate);
  const auto header = header_of(*message);
  ASSERT_TRUE(header) << header.error().message;
  EXPECT_EQ(header->type, RequestType::withdrawal);
  EXPECT_EQ(header->signer, to_hex(signer.certificate.der_sha256()));
  EXPECT_EQ(header->created_at, 7);
  EXPECT_EQ(header->proposal_id, kId);
  crypto::CoseSign1 bare;
  bare.protected_header = codec::cbor::Value::map({});
  EXPECT_EQ(header_of(bare).error().message,
            "signed request: its header has no text ccf.gov.msg.type");
}

TEST(SignedRequest, NamesTheTypesThereAre) {
  const auto type = request_type_from("encrypted_recovery_share");
  ASSERT_FALSE(type);
  EXPECT_EQ(type.error().message,
            "request type encrypted_recovery_share is not one of proposal, ballot, withdrawal, "
            "state_digest, ack, recovery_share");
  EXPECT_EQ(*request_type_from("state_digest"), RequestType::state_digest);
}

}  // namespace
}  // namespace vitrine::client
