#include "ledger/leaf.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "ledger/golden_for_testing.h"
#include "ledger/tree.h"

namespace vitrine::ledger {

namespace {

using codec::cbor::Value;

Leaf smallest() {
  Leaf leaf;
  leaf.id = {2, 1};
  leaf.kind = Kind::node_started;
  leaf.public_part = Value::map({});
  leaf.evidence_digest = golden::digest(1);
  return leaf;
}

// The leaf with one member replaced, or left out where there is no value.
Bytes altered(const Leaf& leaf, std::uint64_t key, std::optional<Value> value) {
  const auto decoded = *codec::cbor::decode(encode(leaf), codec::cbor::Strictness::deterministic);
  std::vector<Value::Entry> members;
  for (const auto& entry : decoded.entries()) {
    if (entry.first.as_uint() != key) members.push_back(entry);
  }
  if (value) members.emplace_back(Value::uint(key), *value);
  return codec::cbor::encode(Value::map(std::move(members)));
}

std::string refusal(ByteView bytes) {
  const auto decoded = decode_leaf(bytes);
  if (decoded) return "accepted";
  EXPECT_EQ(decoded.error().code, Code::malformed);
  return decoded.error().message;
}

Value some_digest() { return Value::bytes(golden::digest(7)); }

}  // namespace

TEST(Leaf, ReadsBackWhatItWrote) {
  for (const Leaf& leaf : {golden::leaf(), smallest()}) {
    const Bytes bytes = encode(leaf);
    const auto decoded = decode_leaf(bytes);
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_EQ(decoded->id, leaf.id);
    EXPECT_EQ(decoded->time, leaf.time);
    EXPECT_EQ(decoded->kind, leaf.kind);
    EXPECT_EQ(decoded->sealed, leaf.sealed);
    EXPECT_EQ(decoded->claims_digest, leaf.claims_digest);
    EXPECT_EQ(decoded->evidence_digest, leaf.evidence_digest);
    EXPECT_EQ(decoded->previous, leaf.previous);
    EXPECT_EQ(decoded->governance, leaf.governance);
    EXPECT_EQ(encode(*decoded), bytes);
  }
}

TEST(Leaf, NamesEveryKind) {
  EXPECT_EQ(name_of(Kind::service_created), "service_created");
  EXPECT_EQ(name_of(Kind::key_released), "key_released");
  for (std::uint64_t kind = 1; kind <= 8; ++kind) {
    const auto decoded = decode_leaf(altered(smallest(), 4, Value::uint(kind)));
    ASSERT_TRUE(decoded) << decoded.error().message;
    EXPECT_FALSE(name_of(decoded->kind).empty());
  }
}

TEST(Leaf, RefusesAKindOutsideTheList) {
  EXPECT_EQ(refusal(altered(smallest(), 4, Value::uint(0))), "leaf: unknown kind 0");
  EXPECT_EQ(refusal(altered(smallest(), 4, Value::uint(25))), "leaf: unknown kind 25");
  EXPECT_EQ(refusal(altered(smallest(), 4, Value::uint(257))), "leaf: unknown kind 257");
}

TEST(Leaf, RefusesAnotherFormatVersion) {
  const auto decoded = decode_leaf(altered(smallest(), 1, Value::uint(2)));
  ASSERT_FALSE(decoded);
  EXPECT_EQ(decoded.error().message, "leaf: format version 2, known is 1");
  EXPECT_EQ(decoded.error().hint, "the ledger was written by a newer version of this program");
}

TEST(Leaf, RefusesAMissingMember) {
  const std::pair<std::uint64_t, const char*> members[] = {
      {1, "leaf: member 1 (format version) is missing"},
      {2, "leaf: member 2 (id) is missing"},
      {3, "leaf: member 3 (time) is missing"},
      {4, "leaf: member 4 (kind) is missing"},
      {5, "leaf: member 5 (public part) is missing"},
      {8, "leaf: member 8 (commit evidence digest) is missing"},
      {10, "leaf: member 10 (governance state) is missing"}};
  for (const auto& [key, message] : members) {
    EXPECT_EQ(refusal(altered(golden::leaf(), key, std::nullopt)), message);
  }
  for (const std::uint64_t key : {6U, 7U, 9U}) {
    EXPECT_EQ(refusal(altered(golden::leaf(), key, std::nullopt)), "accepted") << key;
  }
}

TEST(Leaf, RefusesAnUnknownMember) {
  EXPECT_EQ(refusal(altered(smallest(), 11, Value::uint(1))), "leaf: 8 members where 7 are known");
}

TEST(Leaf, RefusesATypeOrSizeThatDoesNotFit) {
  EXPECT_EQ(refusal(altered(smallest(), 2, Value::uint(1))),
            "leaf: member 2 (id): not an array of 2");
  EXPECT_EQ(refusal(altered(smallest(), 2, Value::array({Value::uint(0), Value::uint(1)}))),
            "leaf: view is not a whole number from 1 to 9223372036854775807");
  EXPECT_EQ(refusal(altered(smallest(), 2, Value::array({Value::uint(2), Value::uint(0)}))),
            "leaf: sequence number is not a whole number from 1 to 9223372036854775807");
  EXPECT_EQ(refusal(altered(smallest(), 3, Value::integer(-1))),
            "leaf: member 3 (time) is not a whole number from 0 to 9223372036854775807");
  EXPECT_EQ(refusal(altered(smallest(), 5, Value::array({}))),
            "leaf: member 5 (public part) is not a map");
  EXPECT_EQ(refusal(altered(smallest(), 8, Value::bytes(Bytes(31, 1)))),
            "leaf: member 8 (commit evidence digest) is not a byte string of 32");
}

TEST(Leaf, RefusesASealedPartThatCannotBe) {
  const auto sealed = [](Value version, Value length, Value hash) {
    return refusal(altered(smallest(), 6, Value::array({version, length, hash})));
  };
  EXPECT_EQ(sealed(Value::uint(1), Value::uint(80), some_digest()), "accepted");
  EXPECT_NE(sealed(Value::uint(0), Value::uint(80), some_digest()), "accepted");
  EXPECT_NE(sealed(Value::uint(1), Value::uint(0), some_digest()), "accepted");
  EXPECT_NE(sealed(Value::uint(1), Value::uint(80), Value::uint(80)), "accepted");
}

TEST(Leaf, RefusesAClaimsDigestOfZeros) {
  EXPECT_EQ(refusal(altered(smallest(), 7, Value::bytes(Digest{}))),
            "leaf: member 7 (claims digest) is zero, which only absence may say");
  EXPECT_EQ(refusal(altered(smallest(), 7, some_digest())), "accepted");
}

TEST(Leaf, RefusesAPreviousHeadElsewhere) {
  const Leaf third = [] {
    Leaf leaf = smallest();
    leaf.id.seqno = 3;
    return leaf;
  }();
  const auto previous = [&third](std::uint64_t size) {
    return refusal(
        altered(third, 9, Value::array({Value::uint(size), some_digest(), some_digest()})));
  };
  EXPECT_EQ(previous(2), "accepted");
  EXPECT_EQ(previous(1), "leaf: previous head of size 1 under sequence number 3");
  EXPECT_EQ(previous(3), "leaf: previous head of size 3 under sequence number 3");
}

TEST(Leaf, DemandsEmptyRootsBelowTheFirstEntry) {
  const Value empty = Value::bytes(empty_root());
  EXPECT_EQ(refusal(altered(smallest(), 9, Value::array({Value::uint(0), empty, empty}))),
            "accepted");
  for (const auto& roots : {std::pair(empty, some_digest()), std::pair(some_digest(), empty)}) {
    EXPECT_EQ(
        refusal(altered(smallest(), 9, Value::array({Value::uint(0), roots.first, roots.second}))),
        "leaf: previous head of size 0 with a root that is not the empty one");
  }
}

TEST(Leaf, RefusesAGovernanceStateFromTheFuture) {
  const auto governance = [](std::uint64_t seqno, const Digest& digest) {
    return refusal(
        altered(smallest(), 10, Value::array({Value::uint(seqno), Value::bytes(digest)})));
  };
  EXPECT_EQ(governance(1, golden::digest(7)), "accepted");
  EXPECT_EQ(governance(0, Digest{}), "accepted");
  EXPECT_EQ(governance(2, golden::digest(7)), "leaf: governance state of entry 2 in entry 1");
  EXPECT_EQ(governance(0, golden::digest(7)),
            "leaf: governance state without an entry that set it, or the reverse");
  EXPECT_EQ(governance(1, Digest{}),
            "leaf: governance state without an entry that set it, or the reverse");
}

TEST(Leaf, RefusesBytesAfterItAndOtherEncodings) {
  Bytes bytes = encode(smallest());
  bytes.push_back(0);
  EXPECT_NE(refusal(bytes), "accepted");
  bytes.pop_back();
  bytes.pop_back();
  EXPECT_NE(refusal(bytes), "accepted");
  EXPECT_NE(refusal({}), "accepted");
  // The first head, a map of seven, in two bytes instead of one.
  Bytes longer = {0xb8, 0x07};
  append(longer, ByteView(encode(smallest())).subspan(1));
  EXPECT_NE(refusal(longer), "accepted");
}

TEST(Leaf, RefusesMoreThan32KiB) {
  Leaf leaf = smallest();
  leaf.public_part = Value::map({{Value::uint(1), Value::bytes(Bytes(32'768 - 100, 1))}});
  EXPECT_EQ(refusal(encode(leaf)), "accepted");
  leaf.public_part = Value::map({{Value::uint(1), Value::bytes(Bytes(32'768, 1))}});
  EXPECT_EQ(refusal(encode(leaf)), "leaf: 32857 bytes, over 32768");
}

TEST(TransactionId, ReadsTwoPositiveDecimals) {
  EXPECT_EQ(*transaction_id_from("2.14"), (TransactionId{2, 14}));
  EXPECT_EQ(*transaction_id_from("18446744073709551615.1"), (TransactionId{~std::uint64_t{0}, 1}));
  EXPECT_EQ(to_text({2, 14}), "2.14");
}

TEST(TransactionId, RefusesEverythingElse) {
  for (const char* text :
       {"", ".", "2", "2.", ".14", "0.1", "1.0", "02.14", "2.014", "+2.14", "2.-1", " 2.14",
        "2.14 ", "2.14.1", "2,14", "a.b", "18446744073709551616.1", "2.18446744073709551616"}) {
    const auto refused = transaction_id_from(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().message,
              "transaction id: not two positive decimals with a dot between, like 2.14");
  }
}

}  // namespace vitrine::ledger
