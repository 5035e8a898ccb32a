// Kinds 10 to 24.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/hex.h"
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

auto decoder_of(Kind kind) {
  return [kind](const Value& value) { return decode_governance_request(kind, value); };
}

SharesDealt shares_dealt() {
  SharesDealt entry;
  entry.cause = 12;
  entry.secret_version = 2;
  entry.threshold = 2;
  entry.shares = {{std::string(64, 'a'), Bytes(256, 1), golden::digest(1)},
                  {std::string(64, 'b'), Bytes(512, 2), golden::digest(2)}};
  return entry;
}

}  // namespace

TEST(Entries, GovernanceRequests) {
  const GovernanceRequest entry{kHexId, envelope_of(Bytes(100, 1))};
  for (auto kind : {Kind::proposal_submitted, Kind::ballot_cast, Kind::proposal_withdrawn,
                    Kind::state_digest_updated, Kind::member_acked}) {
    check_strictness(entry, decoder_of(kind), name_of(kind));
  }
  const GovernanceRequest large{kHexId, envelope_of(Bytes(16'385, 1))};
  const auto decoded = decoder_of(Kind::ballot_cast)(through_bytes(encode(large)));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(*decoded == large);
  EXPECT_TRUE(bytes_of(decoded->envelope, Bytes(16'385, 1)));
  EXPECT_EQ(bytes_of(decoded->envelope, Bytes(16'385, 2)).error().code, Code::denied);
}

TEST(Entries, AProposalAloneMayBeAUsers) {
  GovernanceRequest entry{kHexId, envelope_of(Bytes(100, 1))};
  entry.by_user = true;
  const Value value = through_bytes(encode(entry));
  EXPECT_TRUE(decoder_of(Kind::proposal_submitted)(value)->by_user);
  EXPECT_NE(refusal(decoder_of(Kind::ballot_cast), value), "accepted");
  EXPECT_EQ(refusal(decoder_of(Kind::proposal_submitted), altered(value, 4, Value::boolean(false))),
            "proposal_submitted: member 4 (by a user) is false, which only absence may say");
}

TEST(Entries, ProposalApplied) {
  check_strictness(ProposalApplied{kHexId}, decode_proposal_applied, "proposal_applied");
}

TEST(Entries, IssuerKeysRefreshed) {
  check_strictness(IssuerKeysRefreshed{"https://issuer.example",
                                       blob_ref(to_bytes("{\"keys\":[]}"), "application/json")},
                   decode_issuer_keys_refreshed, "issuer_keys_refreshed");
}

TEST(Entries, SharesDealt) {
  const SharesDealt entry = shares_dealt();
  check_strictness(entry, decode_shares_dealt, "shares_dealt");
  const Value value = encode(entry);
  EXPECT_EQ(refusal(decode_shares_dealt, altered(value, 3, Value::uint(3))),
            "shares_dealt: member 3 (threshold) is more than there are shares");
  EXPECT_NE(refusal(decode_shares_dealt, altered(value, 3, Value::uint(0))), "accepted");
  EXPECT_EQ(refusal(decode_shares_dealt, altered(value, 4, Value::array({}))),
            "shares_dealt: member 4 (shares) is not an array of 1 to 40");

  SharesDealt unordered = entry;
  std::swap(unordered.shares[0], unordered.shares[1]);
  EXPECT_EQ(refusal(decode_shares_dealt, encode(unordered)),
            "shares_dealt: member 4 (shares) is not in ascending order of member ids");
  SharesDealt twice = entry;
  twice.shares[1].member = twice.shares[0].member;
  EXPECT_NE(refusal(decode_shares_dealt, encode(twice)), "accepted");
  SharesDealt small = entry;
  small.shares[0].encrypted.resize(255);
  EXPECT_EQ(refusal(decode_shares_dealt, encode(small)),
            "shares_dealt: member 4 (shares): the encrypted share is not a byte string of 256 to "
            "512");
}

TEST(Entries, TheMostSharesFitALeaf) {
  SharesDealt entry = shares_dealt();
  entry.shares.clear();
  for (std::size_t i = 0; i < kSharesMax; ++i) {
    entry.shares.push_back(
        {to_hex(golden::digest(static_cast<unsigned>(i + 1))), Bytes(512, 1), {}});
  }
  std::sort(entry.shares.begin(), entry.shares.end(),
            [](const auto& a, const auto& b) { return a.member < b.member; });
  EXPECT_EQ(refusal(decode_shares_dealt, encode(entry)), "accepted");
  EXPECT_LT(codec::cbor::encode(encode(entry)).size(), 28'000U);
}

TEST(Entries, SecretsAndCertificates) {
  check_strictness(LedgerRekeyed{7, 2}, decode_ledger_rekeyed, "ledger_rekeyed");
  EXPECT_NE(refusal(decode_ledger_rekeyed, encode(LedgerRekeyed{7, 1})), "accepted");
  check_strictness(CertificateRenewed{7, true, to_bytes("certificate")}, decode_certificate_renewed,
                   "certificate_renewed");
  check_strictness(
      ServiceKeyRotated{7, to_bytes("service"), to_bytes("endorsement"), to_bytes("node")},
      decode_service_key_rotated, "service_key_rotated");
  check_strictness(LogKeyRotated{7, golden::counting<32>(1), Bytes(64, 1)}, decode_log_key_rotated,
                   "log_key_rotated");
  EXPECT_NE(refusal(decode_log_key_rotated,
                    encode(LogKeyRotated{7, golden::counting<32>(1), Bytes(63, 1)})),
            "accepted");
}

TEST(Entries, RecoveryHandOffAndRestore) {
  check_strictness(
      ServiceRecovered{golden::digest(1), 9, blob_ref(Bytes(9, 1), "application/cbor")},
      decode_service_recovered, "service_recovered");
  check_strictness(SecretsHandedOff{golden::digest(1), "snp", {{"measurement", std::string("aa")}}},
                   decode_secrets_handed_off, "secrets_handed_off");
  ContinuedFrom entry;
  entry.old_head = {9, golden::digest(1), golden::digest(2)};
  entry.old_origin = "old.example";
  entry.log_origin = "new.example";
  entry.log_key = golden::counting<32>(1);
  entry.secret_version = 3;
  check_strictness(entry, decode_continued_from, "continued_from");
  entry.old_head.size = 0;
  EXPECT_NE(refusal(decode_continued_from, encode(entry)), "accepted");
}

}  // namespace vitrine::ledger
