#include "governance/signed_request.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "governance/ballot.h"
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

// A member's certificate, a ballot and a withdrawal, made by python3-cryptography 38 and
// python3-cbor2 5: labels in the order they were said, and in canonical order.
struct Foreign {
  const char* name;
  const char* certificate;
  const char* ballot;
  const char* withdrawal;
};
constexpr Foreign kForeign[] = {
    {"p256",
     "308201043081aba003020102020101300a06082a8648ce3d040302300c310a300806035504030c016d30"
     "1e170d3236303130313030303030305a170d3237303130313030303030305a300c310a30080603550403"
     "0c016d3059301306072a8648ce3d020106082a8648ce3d03010703420004a3af5a8d51a9a67805b81870"
     "400dea3c5f92ebcf897c68e245a9f44fbaa7934a3eb05924b695b7d79214ed1f2dc4561a1b3fd3365bf3"
     "65202ed0d53a8a245265300a06082a8648ce3d040302034800304502210090133addff5ff1fdfa7ec854"
     "df1258dd6cbb3ace5c6b4135de33aa01dfd3616802200a82bdc11abfe10741ed4f23743833124097af55"
     "63e9edb2c70679d864ef3dc9",
     "d28458d4a501260458403032316666373731313533663265336662303465336136656336383565623930"
     "6262643137343735373132616632306565396533356566656530626231613264706363662e676f762e6d"
     "73672e747970656662616c6c6f74766363662e676f762e6d73672e637265617465645f61741a6b02b8e7"
     "776363662e676f762e6d73672e70726f706f73616c5f6964784061626162616261626162616261626162"
     "616261626162616261626162616261626162616261626162616261626162616261626162616261626162"
     "616261626162a0584b7b2262616c6c6f74223a226578706f72742066756e6374696f6e20766f74652028"
     "72617750726f706f73616c2c2070726f706f736572496429207b2072657475726e2074727565207d227d"
     "5840f71de7144054e814ddcd30106f2f493ad699fd756657a5697d7a7747cbf90cb2331cdfc77b3798a1"
     "82a2cc32e07862baae3251f6aa8c92cd37fd25fdc22d3d1a",
     "d28458d8a501260458403032316666373731313533663265336662303465336136656336383565623930"
     "6262643137343735373132616632306565396533356566656530626231613264706363662e676f762e6d"
     "73672e747970656a7769746864726177616c766363662e676f762e6d73672e637265617465645f61741a"
     "6b02b8e7776363662e676f762e6d73672e70726f706f73616c5f69647840616261626162616261626162"
     "616261626162616261626162616261626162616261626162616261626162616261626162616261626162"
     "61626162616261626162a0405840efa4d203d1ca04230c6065fe2e4e83831802ef422956e433819975ea"
     "d4b5f6a03810086f4fc0e2098894eee9f2919fe4317e3fa369d61c47f410b4d30509376a"},
    {"p384",
     "308201413081c8a003020102020101300a06082a8648ce3d040303300c310a300806035504030c016d30"
     "1e170d3236303130313030303030305a170d3237303130313030303030305a300c310a30080603550403"
     "0c016d3076301006072a8648ce3d020106052b81040022036200049603ba052d5cc34307dfd38cba740f"
     "0bdd935435db4f0fceee53921ac7cc6987d44d0ac3cf3b076817c0f6a7e018ecd464006fc9a8f0eeeec5"
     "4ae4c11193844bb790f09696569440b7a8f0e1c1bce3743ea706fe70205ba444e77099305b7e47300a06"
     "082a8648ce3d0403030368003065023100e261fdb287c4ec996086668a1871c7d591f8d5a358a4f00f21"
     "c201dfa4fd593dc94d2179778a7c06b96f74bfe78299cb023073957d68568fc86572d8e0f599ad9bd4cd"
     "96df0f28a3ebcaff23317e2514db30760f67194ec247b948824585ab1ccea7",
     "d28458d5a501382204584064613861643836323561313732636631313166326265376561393039313331"
     "356232383930363235323763383734333365623237363634366432326135363461706363662e676f762e"
     "6d73672e747970656662616c6c6f74766363662e676f762e6d73672e637265617465645f61741a6b02b8"
     "e7776363662e676f762e6d73672e70726f706f73616c5f69647840616261626162616261626162616261"
     "626162616261626162616261626162616261626162616261626162616261626162616261626162616261"
     "62616261626162a0584b7b2262616c6c6f74223a226578706f72742066756e6374696f6e20766f746520"
     "2872617750726f706f73616c2c2070726f706f736572496429207b2072657475726e2074727565207d22"
     "7d58609b8cc1dbbeaa7dc598c3187a37dc57c1006135adaedb00f3605155942de126363ce1c4f5c660c6"
     "418e7c4cc2ba7628b2738d846bbbd843a2b9f051dfcd65b0878926767a7c704f1b480925cfcecaa72692"
     "28054680b86cc8d795eeca4fc9c4d9",
     "d28458d9a501382204584064613861643836323561313732636631313166326265376561393039313331"
     "356232383930363235323763383734333365623237363634366432326135363461706363662e676f762e"
     "6d73672e747970656a7769746864726177616c766363662e676f762e6d73672e637265617465645f6174"
     "1a6b02b8e7776363662e676f762e6d73672e70726f706f73616c5f696478406162616261626162616261"
     "626162616261626162616261626162616261626162616261626162616261626162616261626162616261"
     "6261626162616261626162a040586069c574f78b9060d4a853f89e71a2191771855a2da40a891fff59ae"
     "3b5b1f18accef66631a31a37c7d2a67cb26084a4ea9a6995e3a34effcf56d462e7ea02fd8b170a83a95b"
     "49064574f1ae875802163c64a42dd0d9ddc2caa2bf8081154869ae"},
    {"p521",
     "3082018c3081eea003020102020101300a06082a8648ce3d040304300c310a300806035504030c016d30"
     "1e170d3236303130313030303030305a170d3237303130313030303030305a300c310a30080603550403"
     "0c016d30819b301006072a8648ce3d020106052b810400230381860004013acc07d0b6cb3b4ee6dd241d"
     "d1112836f6ce7bf528a4d1d5579f203780633348824707a025a4e0906e1f110b1e471fa80ec08fdcb2aa"
     "bf0594ddf89b35add48b26014f4a478c07ed412de4727aad4882121898c04ea6b06b36f67d4fdf442d0f"
     "81825b054a26720f221c5675b77d166bf1741d0c4609ce003d4bf0de0aff2f808c21dc300a06082a8648"
     "ce3d04030403818c003081880242010fd7a77c2ac78f4419e2ef9912be378f352dcf8beb1de283e58356"
     "bb8c05277d1c218c1cd0df24a4738757070bd9e9c82e703daef8a13a7d4730f6dde3bc508ef5024201de"
     "ba711e1b00433097dc902f04fa114e3a5b2b7216c7cfb59f43b2f23a3641b10c90e5d9f1334c5dde28a2"
     "0ee70274bf5150bdc23b494581e19d4463207b252977",
     "d28458d5a501382304584032386333376134373631353837386430373766623431643463313237333164"
     "613033323039346436636136646534616630336665326333303139343265316332706363662e676f762e"
     "6d73672e747970656662616c6c6f74766363662e676f762e6d73672e637265617465645f61741a6b02b8"
     "e7776363662e676f762e6d73672e70726f706f73616c5f69647840616261626162616261626162616261"
     "626162616261626162616261626162616261626162616261626162616261626162616261626162616261"
     "62616261626162a0584b7b2262616c6c6f74223a226578706f72742066756e6374696f6e20766f746520"
     "2872617750726f706f73616c2c2070726f706f736572496429207b2072657475726e2074727565207d22"
     "7d588400fac5324304e18af2147daa6c598d3bb7b05a097b7334694e6b2f04f4c1527cddb828848cf50a"
     "0648a555d549d81d134dd6483a2df8acb30a60b140b9be2164855800b93fa7626324082c735cc846b88c"
     "0e6e98b0ae8b7545ff16b3b7dfd0746487f14ed9d069c85e3d3745ee7334bfe0336b1c533005b8d98f0d"
     "0c6c7f4e28aadde67c",
     "d28458d9a501382304584032386333376134373631353837386430373766623431643463313237333164"
     "613033323039346436636136646534616630336665326333303139343265316332706363662e676f762e"
     "6d73672e747970656a7769746864726177616c766363662e676f762e6d73672e637265617465645f6174"
     "1a6b02b8e7776363662e676f762e6d73672e70726f706f73616c5f696478406162616261626162616261"
     "626162616261626162616261626162616261626162616261626162616261626162616261626162616261"
     "6261626162616261626162a04058840187fdfd95da5da86f4d808795d0f3c7759752ee6620150f1174a4"
     "810348d9f4b3aedafd0a5853c3abf90afa2211442e9d5ce883abbdb2aa58f7822bddf88fe315a500de09"
     "a46a3e67347b8f32ae1035924be1f0d13c15da0f64059f33d2a42eb9a0f78bdda98b2e3a69acf1330926"
     "21394d14fe0e242c091d6775b01ee9a94fe2d07191"},
};

TEST(SignedRequest, OfAnotherEncoderIsAccepted) {
  for (const auto& foreign : kForeign) {
    const auto certificate = crypto::Certificate::from_der(*from_hex(foreign.certificate));
    ASSERT_TRUE(certificate) << foreign.name;
    State state;
    state.members.emplace(identity_of(*certificate),
                          Member{*certificate, MemberStatus::active, {}});
    const auto verify = [&](ByteView bytes, MessageType type) {
      return verify_signed_request(state, bytes, type, Signers::active_members);
    };
    const auto ballot_bytes = *from_hex(foreign.ballot);
    const auto ballot = verify(ballot_bytes, MessageType::ballot);
    ASSERT_TRUE(ballot) << foreign.name << ": " << ballot.error().message;
    EXPECT_EQ(ballot->signer, identity_of(*certificate));
    EXPECT_EQ(ballot->proposal_id->substr(0, 4), "abab");
    EXPECT_TRUE(read_ballot(as_text(ballot->message.payload)).value().in_favour);
    const auto withdrawal = verify(*from_hex(foreign.withdrawal), MessageType::withdrawal);
    ASSERT_TRUE(withdrawal) << foreign.name << ": " << withdrawal.error().message;
    EXPECT_TRUE(withdrawal->message.payload.empty());
    for (std::size_t at = 0; at < ballot_bytes.size(); at += 7) {
      auto changed = ballot_bytes;
      changed[at] ^= 4;
      EXPECT_FALSE(verify(changed, MessageType::ballot)) << foreign.name << " " << at;
    }
  }
}

}  // namespace
}  // namespace vitrine::governance
