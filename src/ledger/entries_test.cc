#include "ledger/entries.h"

#include <gtest/gtest.h>

#include "ledger/entries_for_testing.h"
#include "ledger/golden_for_testing.h"

namespace vitrine::ledger {

namespace {

using codec::cbor::Value;
using for_testing::altered;
using for_testing::check_strictness;
using for_testing::refusal;
using for_testing::through_bytes;

const std::string kHexId(64, 'a');

ServiceCreated service_created() {
  return {golden::kService,
          to_bytes("spki"),
          to_bytes("certificate"),
          golden::counting<32>(1),
          "log.example/1",
          true,
          "0.1.0"};
}
NodeStarted node_started() {
  return {kHexId, to_bytes("spki"), golden::counting<16>(1), to_bytes("certificate")};
}
KeyReleased key_released() {
  KeyReleased entry;
  entry.kid = "kid_1";
  entry.governance = golden::digest(1);
  entry.profile = "snp-aci";
  entry.claims = {{"x-ms-ver", std::int64_t{3}},
                  {"a-negative", std::int64_t{-7}},
                  {"debuggable", false},
                  {"hostdata", std::string("7925")},
                  {"list", std::vector<std::string>{"a", "b"}},
                  {"no list", std::vector<std::string>{}}};
  entry.freshness = "nonce";
  entry.wrapping_key = golden::digest(2);
  entry.caller = golden::digest(3);
  entry.format = "jwk";
  return entry;
}

}  // namespace

TEST(Entries, ServiceCreated) {
  check_strictness(service_created(), decode_service_created, "service_created");
  const Value value = encode(service_created());
  EXPECT_EQ(refusal(decode_service_created, altered(value, 1, Value::bytes(Bytes(31, 1)))),
            "service_created: member 1 (service id) is not a byte string of 32");
  EXPECT_EQ(refusal(decode_service_created, altered(value, 5, Value::text(""))),
            "service_created: member 5 (log origin) is not text of 1 to 255 bytes");
  EXPECT_EQ(refusal(decode_service_created, altered(value, 5, Value::text(std::string(256, 'a')))),
            "service_created: member 5 (log origin) is not text of 1 to 255 bytes");
  EXPECT_EQ(refusal(decode_service_created, altered(value, 6, Value::uint(1))),
            "service_created: member 6 (dev) is not true or false");
  EXPECT_EQ(refusal(decode_service_created, altered(value, 3, Value::bytes(Bytes(16'385, 1)))),
            "service_created: member 3 (service certificate) is not a byte string of 1 to 16384");
}

TEST(Entries, ServiceCreatedWithALaterProtocol) {
  ServiceCreated entry = service_created();
  entry.protocol_version = 2;
  const Value value = through_bytes(encode(entry));
  EXPECT_EQ(decode_service_created(value)->protocol_version, 2U);
  EXPECT_EQ(decode_service_created(altered(value, 8, std::nullopt))->protocol_version, 1U);
  EXPECT_EQ(refusal(decode_service_created, altered(value, 8, Value::uint(1))),
            "service_created: member 8 (protocol version) is not a whole number from 2 to "
            "9223372036854775807");
}

TEST(Entries, GovernanceSet) {
  const GovernanceSet entry{blob_ref(to_bytes("{}"), "application/json")};
  check_strictness(entry, decode_governance_set, "governance_set");
  const Value value = encode(entry);
  EXPECT_EQ(refusal(decode_governance_set, altered(value, 2, Value::uint(0))),
            "governance_set: member 2 (length) is not a whole number from 1 to 1048576");
  EXPECT_EQ(refusal(decode_governance_set, altered(value, 2, Value::uint(1'048'577))),
            "governance_set: member 2 (length) is not a whole number from 1 to 1048576");
}

TEST(Entries, NodeStarted) {
  check_strictness(node_started(), decode_node_started, "node_started");
  const Value value = encode(node_started());
  for (const std::string& id : {std::string(63, 'a'), std::string(64, 'A'), std::string(64, 'g')}) {
    EXPECT_EQ(refusal(decode_node_started, altered(value, 1, Value::text(id))),
              "node_started: member 1 (node id) is not 64 lower-case hex digits");
  }
  EXPECT_EQ(refusal(decode_node_started, altered(value, 3, Value::bytes(Bytes(17, 1)))),
            "node_started: member 3 (boot id) is not a byte string of 16");
}

TEST(Entries, SnapshotTaken) {
  const SnapshotTaken entry{10'000, crypto::sha256(to_bytes("state"))};
  check_strictness(entry, decode_snapshot_taken, "snapshot_taken");
  EXPECT_NE(refusal(decode_snapshot_taken, encode(SnapshotTaken{0, entry.state})), "accepted");
}

TEST(Entries, ProtocolVersion) {
  check_strictness(ProtocolVersion{2}, decode_protocol_version, "protocol_version");
  EXPECT_NE(refusal(decode_protocol_version, encode(ProtocolVersion{0})), "accepted");
}

TEST(Entries, ProposalAcceptedInline) {
  const auto entry = ProposalAccepted{kHexId, envelope_of(Bytes(16'384, 1))};
  ASSERT_TRUE(std::holds_alternative<Bytes>(entry.envelope));
  check_strictness(entry, decode_proposal_accepted, "proposal_accepted");
  const Value value = encode(entry);
  EXPECT_EQ(refusal(decode_proposal_accepted, altered(value, 2, Value::bytes(Bytes(16'385, 1)))),
            "proposal_accepted: member 2 (envelope) is not a byte string of 1 to 16384");
}

TEST(Entries, ProposalAcceptedAsABlob) {
  const Bytes envelope(16'385, 1);
  const auto entry = ProposalAccepted{kHexId, envelope_of(envelope)};
  ASSERT_TRUE(std::holds_alternative<BlobRef>(entry.envelope));
  EXPECT_TRUE(check_blob(std::get<BlobRef>(entry.envelope), envelope));
  const Value value = encode(entry);
  const auto decoded = decode_proposal_accepted(through_bytes(value));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(*decoded == entry);

  const auto with_ref = [&](Value hash, Value length, Value type) {
    return refusal(decode_proposal_accepted, altered(value, 3, Value::array({hash, length, type})));
  };
  const Value hash = Value::bytes(golden::digest(1));
  const Value type = Value::text("application/cose");
  EXPECT_EQ(with_ref(hash, Value::uint(16'385), type), "accepted");
  EXPECT_EQ(with_ref(hash, Value::uint(16'384), type),
            "proposal_accepted: member 3 (envelope) is small enough to stand inline");
  EXPECT_EQ(with_ref(Value::bytes(Bytes(31, 1)), Value::uint(16'385), type),
            "proposal_accepted: member 3 (envelope): hash is not a byte string of 32");
  EXPECT_EQ(
      with_ref(hash, Value::uint(1'048'577), type),
      "proposal_accepted: member 3 (envelope): length is not a whole number from 1 to 1048576");
  EXPECT_EQ(with_ref(hash, Value::uint(16'385), Value::uint(1)),
            "proposal_accepted: member 3 (envelope): media type is not text of 1 to 255 bytes");
  // Both forms at once.
  EXPECT_NE(refusal(decode_proposal_accepted, altered(value, 2, Value::bytes(envelope))),
            "accepted");
}

TEST(Entries, KeyCreated) {
  KeyCreated entry = golden::key_created();
  check_strictness(entry, decode_key_created, "key_created");
  entry.expiry = from_unix_ms(1'795'526'400'001);
  const Value value = through_bytes(encode(entry));
  EXPECT_TRUE(*decode_key_created(value) == entry);
  EXPECT_EQ(refusal(decode_key_created, altered(value, 1, Value::uint(33))),
            "key_created: member 1 (KEM) is not one of 16, 17, 32");
  EXPECT_EQ(refusal(decode_key_created, altered(value, 1, Value::uint(16))),
            "key_created: member 2 (public key) is not a byte string of 65");
  EXPECT_EQ(refusal(decode_key_created, altered(value, 2, Value::bytes(Bytes(33, 1)))),
            "key_created: member 2 (public key) is not a byte string of 32");
  EXPECT_EQ(refusal(decode_key_created, altered(value, 3, Value::uint(0))),
            "key_created: member 3 (number) is not a whole number from 1 to 9223372036854775807");
  EXPECT_EQ(refusal(decode_key_created, altered(value, 7, Value::integer(-1))),
            "key_created: member 7 (expiry time) is not a whole number from 0 to "
            "9223372036854775807");
  EXPECT_EQ(refusal(decode_key_created, altered(value, 7, std::nullopt)), "accepted");
}

TEST(Entries, KeyReleased) {
  check_strictness(key_released(), decode_key_released, "key_released");
  const Value value = encode(key_released());
  EXPECT_EQ(refusal(decode_key_released, altered(value, 5, Value::text("new"))),
            "key_released: member 5 (freshness) is not a known word");
  EXPECT_EQ(refusal(decode_key_released, altered(value, 8, Value::text("JWK"))),
            "key_released: member 8 (format) is not a known word");
  for (const char* word : {"none", "age", "nonce"}) {
    EXPECT_EQ(refusal(decode_key_released, altered(value, 5, Value::text(word))), "accepted");
  }
  EXPECT_EQ(refusal(decode_key_released, altered(value, 8, Value::text("tink"))), "accepted");
}

TEST(Entries, KeyReleasedRefusesAClaimOfAnotherType) {
  const Value value = encode(key_released());
  const auto with_claim = [&](Value name, Value claim) {
    return refusal(decode_key_released,
                   altered(value, 4, Value::map({{std::move(name), std::move(claim)}})));
  };
  const std::string other_type =
      "key_released: member 4 (claims): claim c is not true or false, a whole number, text or an "
      "array of texts";
  EXPECT_EQ(with_claim(Value::text("c"), Value::text("")), "accepted");
  EXPECT_EQ(with_claim(Value::text("c"), Value::bytes({})), other_type);
  EXPECT_EQ(with_claim(Value::text("c"), Value()), other_type);
  EXPECT_EQ(with_claim(Value::text("c"), Value::map({})), other_type);
  EXPECT_EQ(with_claim(Value::text("c"), Value::array({Value::text("a"), Value::uint(1)})),
            other_type);
  EXPECT_NE(with_claim(Value::text("c"), Value::uint(~std::uint64_t{0})), "accepted");
  EXPECT_EQ(with_claim(Value::uint(1), Value::uint(1)),
            "key_released: member 4 (claims) has a name that is not text of 1 to 255 bytes");
  EXPECT_EQ(with_claim(Value::text(""), Value::uint(1)),
            "key_released: member 4 (claims) has a name that is not text of 1 to 255 bytes");
}

TEST(Entries, KeyReleasedRefusesTooManyClaims) {
  KeyReleased entry = key_released();
  entry.claims.clear();
  for (int i = 0; i < 128; ++i) entry.claims.emplace("claim " + std::to_string(i), true);
  EXPECT_EQ(refusal(decode_key_released, encode(entry)), "accepted");
  entry.claims.emplace("one more", true);
  EXPECT_EQ(refusal(decode_key_released, encode(entry)),
            "key_released: member 4 (claims) is not a map of at most 128");
}

TEST(Blob, IsCheckedAgainstItsEntry) {
  const Bytes blob = to_bytes("a blob");
  const BlobRef ref = blob_ref(blob, "text/plain");
  EXPECT_TRUE(check_blob(ref, blob));
  EXPECT_EQ(check_blob(ref, to_bytes("a blo")).error().message, "blob: 5 bytes, the entry says 6");
  EXPECT_EQ(check_blob(ref, to_bytes("a bloB")).error().message,
            "blob: its hash is not the entry's");
}

}  // namespace vitrine::ledger
