#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "governance/actions.h"
#include "governance/identities_for_testing.h"

namespace vitrine::governance {
namespace {

using codec::cbor::Value;

const Identity& user() {
  static const auto identity = identity_for_testing("user");
  return identity;
}
const Identity& stranger() {
  static const auto identity = identity_for_testing("stranger");
  return identity;
}

State state_with(const Identity& identity, Settings settings = Settings::safe_defaults()) {
  State state;
  state.settings = std::move(settings);
  state.users.emplace(identity.id, User{identity.certificate, {}});
  return state;
}

constexpr std::string_view kPayload = R"({"actions":[]})";

Error refusal(const State& state, ByteView bytes) {
  const auto envelope = verify_envelope(state, bytes);
  EXPECT_FALSE(envelope.has_value());
  return envelope ? Error() : envelope.error();
}

// Signs under a protected header that a test changed.
Bytes signed_with(std::vector<Value::Entry> header) {
  return *crypto::sign_cose_sign1(Value::map(std::move(header)), Value::map({}), as_bytes(kPayload),
                                  user().key);
}

std::vector<Value::Entry> header_without(std::string_view name) {
  auto header = header_for_testing(user(), -35, kNowForTesting);
  std::erase_if(header, [&](const Value::Entry& entry) {
    return entry.first.is(codec::cbor::Type::text_string) && entry.first.as_text() == name;
  });
  return header;
}

TEST(Envelope, IsAcceptedFromARegisteredUser) {
  const auto bytes = envelope_for_testing(user(), kPayload);
  const auto envelope = verify_envelope(state_with(user()), bytes);
  ASSERT_TRUE(envelope) << envelope.error().message;
  EXPECT_EQ(envelope->proposer, user().id);
  EXPECT_EQ(envelope->created_at, kNowForTesting);
  EXPECT_EQ(as_text(envelope->message.payload), kPayload);
}

// Replay was once told by a hash of all bytes, which others than the signer can change.
TEST(Envelope, KeepsItsIdentityInOtherBytesAndLosesItWithANewSigning) {
  const auto bytes = envelope_for_testing(user(), kPayload);
  const auto message = crypto::parse_cose_sign1(bytes, crypto::CoseTag::required).value();
  const auto identity = verify_envelope(state_with(user()), bytes).value().identity;
  const Value other_unprotected = Value::map({{Value::text("note"), Value::text("not signed")}});
  const Bytes other = codec::cbor::encode(Value::tag(
      18, Value::array({Value::bytes(message.protected_bytes), other_unprotected,
                        Value::bytes(message.payload), Value::bytes(message.signature)})));
  const auto same = verify_envelope(state_with(user()), other);
  ASSERT_TRUE(same) << same.error().message;
  EXPECT_EQ(same->identity, identity);
  const auto anew = verify_envelope(state_with(user()), envelope_for_testing(user(), kPayload));
  EXPECT_NE(anew.value().identity, identity);
}

TEST(Envelope, IsAcceptedWithEachAlgorithmOnItsCurve) {
  const std::pair<crypto::KeyKind, std::int64_t> algorithms[] = {{crypto::KeyKind::ec_p256, -7},
                                                                 {crypto::KeyKind::ec_p384, -35},
                                                                 {crypto::KeyKind::ec_p521, -36}};
  for (const auto& [kind, algorithm] : algorithms) {
    const auto identity = identity_for_testing("user", kind);
    const auto bytes =
        crypto::sign_cose_sign1(Value::map(header_for_testing(identity, algorithm, kNowForTesting)),
                                Value::map({}), as_bytes(kPayload), identity.key);
    ASSERT_TRUE(bytes);
    EXPECT_TRUE(verify_envelope(state_with(identity), *bytes)) << algorithm;
  }
}

TEST(Envelope, IsRefusedFromAStranger) {
  const auto error = refusal(state_with(user()), envelope_for_testing(stranger(), kPayload));
  EXPECT_EQ(error.code, Code::denied);
  EXPECT_EQ(error.message, "Signer is not a known user");
}

TEST(Envelope, IsRefusedFromAMember) {
  State state;
  state.settings = Settings::dev_defaults();
  state.members.emplace(user().id, Member{user().certificate, MemberStatus::active, {}});
  EXPECT_EQ(refusal(state, envelope_for_testing(user(), kPayload)).message,
            "Signer is not a known user");
}

TEST(Envelope, IsRefusedWhereTheSignatureIsAnothers) {
  auto forged = user();
  forged.key = stranger().key;
  const auto error = refusal(state_with(user()), envelope_for_testing(forged, kPayload));
  EXPECT_EQ(error.code, Code::denied);
  EXPECT_EQ(error.message, "Signature verification failed");
  auto changed = envelope_for_testing(user(), kPayload);
  changed.back() ^= 1;
  EXPECT_EQ(refusal(state_with(user()), changed).message, "Signature verification failed");
}

TEST(Envelope, IsRefusedWithAnAlgorithmThatDoesNotFit) {
  auto header = header_for_testing(user(), -35, kNowForTesting);
  header[0].second = Value::integer(-38);
  const std::vector<std::pair<std::int64_t, std::string>> cases = {
      {-38, "Unsupported alg in protected header: only ES256, ES384 and ES512 are accepted"},
      {5, "Unsupported alg in protected header: only ES256, ES384 and ES512 are accepted"},
      {-7, "Signature verification failed"}};
  for (const auto& [algorithm, message] : cases) {
    // Re-encode a good envelope with another alg in its header.
    auto parsed = *crypto::parse_cose_sign1(envelope_for_testing(user(), kPayload),
                                            crypto::CoseTag::required);
    const auto bytes = codec::cbor::encode(Value::tag(
        18, Value::array({Value::bytes(codec::cbor::encode(
                              Value::map(header_for_testing(user(), algorithm, kNowForTesting)))),
                          Value::map({}), Value::bytes(parsed.payload),
                          Value::bytes(parsed.signature)})));
    EXPECT_EQ(refusal(state_with(user()), bytes).message, message) << algorithm;
  }
}

TEST(Envelope, MustSayWhoAndWhen) {
  const auto state = state_with(user());
  EXPECT_EQ(refusal(state, signed_with(header_without("ccf.gov.msg.created_at"))).message,
            "Missing ccf.gov.msg.created_at in protected header");
  auto header = header_for_testing(user(), -35, kNowForTesting);
  header.erase(header.begin() + 1);
  EXPECT_EQ(refusal(state, signed_with(header)).message, "Missing kid in protected header");
  header = header_for_testing(user(), -35, kNowForTesting);
  header[1].second = Value::text(user().id);
  EXPECT_EQ(refusal(state, signed_with(header)).message, "Missing kid in protected header");
}

TEST(Envelope, MustHaveATimeOfTenDigitsAtMost) {
  const auto state = state_with(user(), Settings::dev_defaults());
  const std::string message =
      "ccf.gov.msg.created_at in protected header is not an integer from 0 to 9999999999";
  EXPECT_TRUE(verify_envelope(state, envelope_for_testing(user(), kPayload, 0)));
  EXPECT_TRUE(verify_envelope(state, envelope_for_testing(user(), kPayload, 9'999'999'999)));
  EXPECT_EQ(refusal(state, envelope_for_testing(user(), kPayload, 10'000'000'000)).message,
            message);
  EXPECT_EQ(refusal(state, envelope_for_testing(user(), kPayload, -1)).message, message);
  auto header = header_for_testing(user(), -35, kNowForTesting);
  header[3].second = Value::text("1700000000");
  EXPECT_EQ(refusal(state, signed_with(header)).message, message);
}

TEST(Envelope, NeedNotSayItsTypeButMustNotSayAnother) {
  const auto state = state_with(user());
  EXPECT_TRUE(verify_envelope(state, signed_with(header_without("ccf.gov.msg.type"))));
  auto header = header_for_testing(user(), -35, kNowForTesting);
  header[2].second = Value::text("ballot");
  EXPECT_EQ(refusal(state, signed_with(header)).message,
            "ccf.gov.msg.type in protected header is not proposal");
}

TEST(Envelope, IsMalformedWhereItIsNoCose) {
  const std::string_view inputs[] = {"", "{}", "\xd2\x84"};
  for (const auto input : inputs) {
    const auto error = refusal(state_with(user()), as_bytes(input));
    EXPECT_EQ(error.code, Code::malformed);
    EXPECT_TRUE(error.message.starts_with("Failed to parse COSE_Sign1: ")) << error.message;
  }
  auto longer = envelope_for_testing(user(), kPayload);
  longer.push_back(0);
  EXPECT_EQ(refusal(state_with(user()), longer).code, Code::malformed);
  auto untagged = envelope_for_testing(user(), kPayload);
  untagged.erase(untagged.begin());
  EXPECT_EQ(refusal(state_with(user()), untagged).code, Code::malformed);
}

TEST(Envelope, IsRefusedOutsideDevWhereTheCertificateWasNotValid) {
  const auto late = envelope_for_testing(user(), kPayload, kNowForTesting + 2000);
  EXPECT_TRUE(refusal(state_with(user()), late)
                  .message.starts_with("Signer certificate is not valid now: "));
  EXPECT_TRUE(verify_envelope(state_with(user(), Settings::dev_defaults()), late));
}

}  // namespace
}  // namespace vitrine::governance
