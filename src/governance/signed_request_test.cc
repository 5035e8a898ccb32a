#include "governance/signed_request.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "governance/identities_for_testing.h"

namespace vitrine::governance {
namespace {

using codec::cbor::Value;
using Header = std::vector<Value::Entry>;

constexpr std::string_view kPayload = R"({"actions":[]})";

const Identity& member() {
  static const auto identity = identity_for_testing("member");
  return identity;
}
const Identity& stranger() {
  static const auto identity = identity_for_testing("stranger");
  return identity;
}

State state_with(const Identity& identity, MemberStatus status = MemberStatus::active) {
  State state;
  state.settings = Settings::safe_defaults();
  state.members.emplace(identity.id, Member{identity.certificate, status, {}});
  return state;
}

// A user who may propose.
State state_with_user(Settings settings = Settings::safe_defaults()) {
  State state;
  state.settings = std::move(settings);
  state.settings.proposers = {member().id};
  state.users.emplace(member().id, User{member().certificate, {}});
  return state;
}

Header header(std::string_view type = "proposal") {
  auto labels = header_for_testing(member(), -35, kNowForTesting);
  labels[2].second = Value::text(type);
  return labels;
}
Header with(Header labels, std::string_view label, Value value) {
  std::erase_if(labels, [&](const Value::Entry& entry) {
    return entry.first.is(codec::cbor::Type::text_string) && entry.first.as_text() == label;
  });
  labels.emplace_back(Value::text(label), std::move(value));
  return labels;
}
Header without(Header labels, std::string_view label) {
  labels = with(std::move(labels), label, Value());
  labels.pop_back();
  return labels;
}

Bytes signed_bytes(ByteView protected_bytes, std::string_view payload = kPayload,
                   const Identity& signer = member()) {
  const auto signature =
      signer.key.sign(crypto::SignatureAlgorithm::ecdsa_sha384_raw,
                      crypto::cose_signature_input(protected_bytes, as_bytes(payload)));
  return crypto::write_cose_sign1(protected_bytes, Value::map({}), as_bytes(payload), *signature);
}
Bytes signed_with(Header labels) {
  return signed_bytes(codec::cbor::encode(Value::map(std::move(labels))));
}

Error refusal(ByteView bytes, Signers signers = Signers::active_members,
              const State& state = state_with(member())) {
  const auto request = verify_signed_request(state, bytes, MessageType::proposal, signers);
  EXPECT_FALSE(request.has_value());
  return request ? Error() : request.error();
}
void expect_malformed(ByteView bytes, std::string_view message) {
  for (const auto signers : {Signers::members, Signers::active_members}) {
    const auto error = refusal(bytes, signers);
    EXPECT_EQ(error.code, Code::malformed);
    EXPECT_EQ(error.message, message);
  }
  const auto error = refusal(bytes, Signers::proposers, state_with_user());
  EXPECT_EQ(error.code, Code::malformed);
  EXPECT_EQ(error.message, message);
}
void expect_denied(const Error& error, std::string_view message) {
  EXPECT_EQ(error.code, Code::denied);
  EXPECT_EQ(error.message, message);
}

TEST(SignedRequest, IsAcceptedOfEachTypeFromAnActiveMember) {
  const std::pair<MessageType, std::string_view> types[] = {
      {MessageType::proposal, "proposal"},
      {MessageType::ballot, "ballot"},
      {MessageType::withdrawal, "withdrawal"},
      {MessageType::state_digest, "state_digest"},
      {MessageType::ack, "ack"},
      {MessageType::recovery_share, "recovery_share"}};
  for (const auto& [type, name] : types) {
    EXPECT_EQ(name_of(type), name);
    const auto bytes =
        signed_with(with(header(name), "ccf.gov.msg.proposal_id", Value::text("an id")));
    const auto request =
        verify_signed_request(state_with(member()), bytes, type, Signers::active_members);
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->signer, member().id);
    EXPECT_EQ(request->created_at, kNowForTesting);
    EXPECT_EQ(request->proposal_id, "an id");
    EXPECT_EQ(as_text(request->message.payload), kPayload);
    EXPECT_EQ(request->signature_sha256, crypto::sha256(request->message.signature));
  }
}

TEST(SignedRequest, NeedNotNameAProposalNorHaveAPayload) {
  const auto bytes = signed_bytes(codec::cbor::encode(Value::map(header("withdrawal"))), "");
  const auto request = verify_signed_request(state_with(member()), bytes, MessageType::withdrawal,
                                             Signers::active_members);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_FALSE(request->proposal_id);
  EXPECT_TRUE(request->message.payload.empty());
}

TEST(SignedRequest, IsAcceptedWithEachAlgorithmOnItsCurveAlone) {
  const std::pair<crypto::KeyKind, std::int64_t> algorithms[] = {{crypto::KeyKind::ec_p256, -7},
                                                                 {crypto::KeyKind::ec_p384, -35},
                                                                 {crypto::KeyKind::ec_p521, -36}};
  for (const auto& [kind, algorithm] : algorithms) {
    const auto identity = identity_for_testing("member", kind);
    for (const std::int64_t said : {-7, -35, -36}) {
      // Signed with the key's own algorithm, whatever the header says.
      const Bytes labels =
          codec::cbor::encode(Value::map(header_for_testing(identity, said, kNowForTesting)));
      const auto signature =
          identity.key.sign(*crypto::cose_signature_algorithm(algorithm),
                            crypto::cose_signature_input(labels, as_bytes(kPayload)));
      const auto bytes =
          crypto::write_cose_sign1(labels, Value::map({}), as_bytes(kPayload), *signature);
      const auto request = verify_signed_request(state_with(identity), bytes, MessageType::proposal,
                                                 Signers::active_members);
      if (said == algorithm) {
        EXPECT_TRUE(request) << algorithm;
      } else {
        ASSERT_FALSE(request) << algorithm << " said " << said;
        expect_denied(request.error(), "Failed to validate COSE Sign1");
      }
    }
  }
}

TEST(SignedRequest, IsRefusedWithAnotherAlgorithm) {
  for (const std::int64_t algorithm : {-37, -38, -39, -8, 5, 0}) {
    auto labels = header();
    labels[0].second = Value::integer(algorithm);
    expect_denied(refusal(signed_with(labels)),
                  "Unsupported alg in protected header: only ES256, ES384 and ES512 are accepted");
  }
}

TEST(SignedRequest, IsRefusedFromOthersThanThoseWhoMaySign) {
  const auto bytes = signed_with(header());
  expect_denied(refusal(bytes, Signers::active_members, State()), "Signer is not a known member");
  expect_denied(refusal(bytes, Signers::members, state_with_user()),
                "Signer is not a known member");
  const auto accepted = state_with(member(), MemberStatus::accepted);
  expect_denied(refusal(bytes, Signers::active_members, accepted),
                "Signer is not an ACTIVE member");
  EXPECT_TRUE(verify_signed_request(accepted, bytes, MessageType::proposal, Signers::members));
  expect_denied(refusal(bytes, Signers::proposers), "Signer is not a known user");
}

TEST(SignedRequest, NamesItsSignerExactly) {
  const State state = state_with(member());
  std::string upper = member().id;
  for (char& c : upper) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const std::string& kid : {std::string(), upper, member().id + " ", member().id.substr(1)}) {
    auto labels = header();
    labels[1].second = Value::bytes(as_bytes(kid));
    expect_denied(refusal(signed_with(labels)), "Signer is not a known member");
  }
}

TEST(SignedRequest, IsRefusedWhereTheSignatureIsAnothersOrOfOtherBytes) {
  const Bytes labels = codec::cbor::encode(Value::map(header()));
  expect_denied(refusal(signed_bytes(labels, kPayload, stranger())),
                "Failed to validate COSE Sign1");
  const auto good = crypto::parse_cose_sign1(signed_bytes(labels), crypto::CoseTag::required);
  const auto changed = [&](ByteView protected_bytes, ByteView payload, ByteView signature) {
    return refusal(crypto::write_cose_sign1(protected_bytes, Value::map({}), payload, signature));
  };
  expect_denied(changed(labels, as_bytes("{}"), good->signature), "Failed to validate COSE Sign1");
  const auto later = with(header(), "ccf.gov.msg.created_at", Value::integer(kNowForTesting + 1));
  expect_denied(changed(codec::cbor::encode(Value::map(later)), good->payload, good->signature),
                "Failed to validate COSE Sign1");
  expect_denied(changed(labels, good->payload, {}), "Failed to validate COSE Sign1");
  const ByteView shorter = ByteView(good->signature).first(good->signature.size() - 1);
  expect_denied(changed(labels, good->payload, shorter), "Failed to validate COSE Sign1");
}

TEST(SignedRequest, IsOfTheTypeThatTheEndpointTakes) {
  expect_denied(refusal(signed_with(header("ballot"))),
                "Found ccf.gov.msg.type set to ballot, expected ccf.gov.msg.type to be proposal");
  expect_denied(refusal(signed_with(header("encrypted\n"))),
                "Found ccf.gov.msg.type set to encrypted?, expected ccf.gov.msg.type to be "
                "proposal");
  const auto untyped = signed_with(without(header(), "ccf.gov.msg.type"));
  expect_denied(refusal(untyped),
                "Found ccf.gov.msg.type set to nothing, expected ccf.gov.msg.type to be proposal");
  EXPECT_TRUE(
      verify_signed_request(state_with_user(), untyped, MessageType::proposal, Signers::proposers));
  expect_denied(refusal(signed_with(header("ballot")), Signers::proposers, state_with_user()),
                "Found ccf.gov.msg.type set to ballot, expected ccf.gov.msg.type to be proposal");
}

TEST(SignedRequest, SaysWhoAndWhen) {
  auto labels = header();
  labels.erase(labels.begin());
  expect_malformed(signed_with(labels), "Missing alg in protected header");
  labels = header();
  labels.erase(labels.begin() + 1);
  expect_malformed(signed_with(labels), "Missing kid in protected header");
  expect_malformed(signed_with(without(header(), "ccf.gov.msg.created_at")),
                   "Missing ccf.gov.msg.created_at in protected header");
}

TEST(SignedRequest, HasLabelsOfTheRightType) {
  auto labels = header();
  labels[0].second = Value::text("ES384");
  expect_malformed(signed_with(labels), "alg in protected header is not an integer of 64 bits");
  labels[0].second = Value::uint(UINT64_MAX);
  expect_malformed(signed_with(labels), "alg in protected header is not an integer of 64 bits");
  labels = header();
  labels[1].second = Value::text(member().id);
  expect_malformed(signed_with(labels), "kid in protected header is not a byte string");
  expect_malformed(signed_with(with(header(), "ccf.gov.msg.type", Value::bytes({}))),
                   "ccf.gov.msg.type in protected header is not text");
  expect_malformed(signed_with(with(header(), "ccf.gov.msg.proposal_id", Value::uint(1))),
                   "ccf.gov.msg.proposal_id in protected header is not text");
}

TEST(SignedRequest, HasATimeOfTenDigitsAtMost) {
  for (const std::int64_t good : {std::int64_t{0}, kCreatedAtMax}) {
    const auto bytes = signed_with(with(header(), "ccf.gov.msg.created_at", Value::integer(good)));
    const auto request = verify_signed_request(state_with(member()), bytes, MessageType::proposal,
                                               Signers::active_members);
    ASSERT_TRUE(request) << request.error().message;
    EXPECT_EQ(request->created_at, good);
  }
  const Byte bignum[] = {1, 0, 0, 0, 0, 0, 0, 0, 0};
  const Value bad[] = {Value::integer(kCreatedAtMax + 1),
                       Value::integer(-1),
                       Value::uint(UINT64_MAX),
                       Value::text("1700000000"),
                       Value::boolean(true),
                       Value(),
                       Value::tag(2, Value::bytes(bignum)),
                       Value::tag(1, Value::integer(kNowForTesting))};
  for (const auto& value : bad) {
    const auto bytes = signed_with(with(header(), "ccf.gov.msg.created_at", value));
    expect_malformed(
        bytes, "ccf.gov.msg.created_at in protected header is not an integer from 0 to 9999999999");
    EXPECT_TRUE(is_invalid_created_at(refusal(bytes)));
  }
  EXPECT_FALSE(is_invalid_created_at(refusal(signed_with(without(header(), "ccf.gov.msg.type")))));
}

// Bytes that no writer of ours makes.
TEST(SignedRequest, IsRefusedByNameWhereItsHeaderIsNoPlainMap) {
  const auto joined = [](std::initializer_list<ByteView> parts) {
    Bytes all;
    for (const auto part : parts) append(all, part);
    return all;
  };
  const Bytes encoded = codec::cbor::encode(Value::map(header()));
  const ByteView labels = ByteView(encoded).subspan(1);  // without the head of a map of four
  const Byte five[] = {0xa5}, long_four[] = {0xb8, 0x04}, endless[] = {0xbf}, stop[] = {0xff};
  const Byte algorithm[] = {0x01, 0x38, 0x22};
  EXPECT_TRUE(verify_signed_request(state_with(member()), signed_bytes(joined({long_four, labels})),
                                    MessageType::proposal, Signers::active_members));
  const std::string at = "Failed to parse COSE_Sign1: COSE_Sign1: protected header: CBOR: ";
  expect_malformed(signed_bytes(joined({five, algorithm, labels})),
                   at + "a duplicate map key at byte 5");
  expect_malformed(signed_bytes(joined({endless, labels, stop})),
                   at + "an indefinite length at byte 1");
  const Byte half_float[] = {0x18, 0x63, 0xf9, 0x3c, 0x00};
  expect_malformed(signed_bytes(joined({five, half_float, labels})),
                   at + "a float or unknown simple value at byte 4");
  expect_malformed(signed_bytes(joined({encoded, stop})),
                   at + "more bytes at byte " + std::to_string(encoded.size()));
  expect_malformed(signed_bytes(codec::cbor::encode(Value::array({}))),
                   "Failed to parse COSE_Sign1: COSE_Sign1: protected header is no map");
  expect_malformed(signed_bytes({}), "Missing alg in protected header");
}

TEST(SignedRequest, TakesLabelsThatItDoesNotKnowAndIgnoresUnsignedOnes) {
  auto labels = with(header(), "ccf.gov.msg.more", Value::array({Value::uint(1)}));
  const Bytes protected_bytes = codec::cbor::encode(Value::map(std::move(labels)));
  const auto good =
      crypto::parse_cose_sign1(signed_bytes(protected_bytes), crypto::CoseTag::required);
  const auto with_unsigned = crypto::write_cose_sign1(
      protected_bytes, Value::map({{Value::uint(4), Value::bytes(as_bytes(stranger().id))}}),
      good->payload, good->signature);
  const auto request = verify_signed_request(state_with(member()), with_unsigned,
                                             MessageType::proposal, Signers::active_members);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->signer, member().id);
}

TEST(SignedRequest, IsMalformedWhereItIsNoTaggedCose) {
  const Bytes good = signed_with(header());
  for (const std::string_view input : {"", "{}", "\xd2\x84"}) {
    const auto error = refusal(as_bytes(input));
    EXPECT_EQ(error.code, Code::malformed);
    EXPECT_TRUE(error.message.starts_with("Failed to parse COSE_Sign1: ")) << error.message;
  }
  const ByteView untagged = ByteView(good).subspan(1);
  expect_malformed(untagged, "Failed to parse COSE_Sign1: COSE_Sign1: no tag 18");
  Bytes longer = good;
  longer.push_back(0);
  EXPECT_EQ(refusal(longer).code, Code::malformed);
}

// Type, signer and time are cheap to judge; a signature is not made up for by a good one.
TEST(SignedRequest, IsJudgedByItsHeaderBeforeItsSignature) {
  const auto unsigned_bytes = [](const Header& labels) {
    return crypto::write_cose_sign1(codec::cbor::encode(Value::map(labels)), Value::map({}),
                                    as_bytes(kPayload), {});
  };
  expect_denied(refusal(unsigned_bytes(header("ack"))),
                "Found ccf.gov.msg.type set to ack, expected ccf.gov.msg.type to be proposal");
  expect_denied(refusal(unsigned_bytes(header()), Signers::active_members, State()),
                "Signer is not a known member");
  EXPECT_TRUE(is_invalid_created_at(
      refusal(unsigned_bytes(with(header(), "ccf.gov.msg.created_at", Value::integer(-1))))));
}

// Replay was once told by a hash of all bytes, which others than the signer can change.
TEST(SignedRequest, KeepsItsIdentityInOtherBytesAndLosesItWithANewSigning) {
  const auto identity_of_request = [](ByteView bytes) {
    return verify_signed_request(state_with(member()), bytes, MessageType::proposal,
                                 Signers::active_members)
        .value()
        .identity;
  };
  const auto bytes = signed_with(header());
  const auto message = crypto::parse_cose_sign1(bytes, crypto::CoseTag::required).value();
  const auto other = crypto::write_cose_sign1(
      message.protected_bytes, Value::map({{Value::text("note"), Value::text("not signed")}}),
      message.payload, message.signature);
  EXPECT_EQ(identity_of_request(other), identity_of_request(bytes));
  EXPECT_NE(identity_of_request(signed_with(header())), identity_of_request(bytes));
}

TEST(SignedRequest, OfAUserIsAcceptedInDevOrWhereTheUserIsListed) {
  const auto bytes = signed_with(header());
  const auto verify = [&](const State& state) {
    return verify_signed_request(state, bytes, MessageType::proposal, Signers::proposers);
  };
  auto state = state_with_user();
  const auto request = verify(state);
  ASSERT_TRUE(request) << request.error().message;
  EXPECT_EQ(request->signer, member().id);
  state.settings.proposers = {stranger().id};
  expect_denied(refusal(bytes, Signers::proposers, state), "Signer is not listed as a proposer");
  state.settings = Settings::dev_defaults();
  EXPECT_TRUE(verify(state));
  const auto forged = signed_bytes(codec::cbor::encode(Value::map(header())), kPayload, stranger());
  expect_denied(refusal(forged, Signers::proposers, state), "Signature verification failed");
}

TEST(SignedRequest, OfAUserIsRefusedOutsideDevWhereTheCertificateWasNotValid) {
  const auto late =
      signed_with(with(header(), "ccf.gov.msg.created_at", Value::integer(kNowForTesting + 2000)));
  EXPECT_TRUE(refusal(late, Signers::proposers, state_with_user())
                  .message.starts_with("Signer certificate is not valid now: "));
  EXPECT_TRUE(verify_signed_request(state_with_user(Settings::dev_defaults()), late,
                                    MessageType::proposal, Signers::proposers));
  // A member's counts on: somebody has to vote for the next one.
  EXPECT_TRUE(verify_signed_request(state_with(member()), late, MessageType::proposal,
                                    Signers::active_members));
}

}  // namespace
}  // namespace vitrine::governance
