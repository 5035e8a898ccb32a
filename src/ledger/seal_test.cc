#include "ledger/seal.h"

#include <gtest/gtest.h>

#include "crypto/hash.h"
#include "ledger/golden_for_testing.h"

namespace vitrine::ledger {

namespace {

const Bytes kContext = to_bytes("context");
const Bytes kPlaintext = to_bytes("what nobody may read");

class Seal : public ::testing::Test {
 protected:
  Seal() {
    sealed_ = seal(secrets_, golden::kService, Kind::key_created, kContext, kPlaintext, random_);
  }

  // The stored bytes with one byte changed, and a commitment that fits them: what a host with the
  // format at hand could make.
  SealedPart with_byte_changed(std::size_t at) const {
    SealedPart changed = sealed_;
    changed.stored[at] ^= 1;
    changed.commitment.sha256 = crypto::sha256(changed.stored);
    return changed;
  }
  std::string refusal(const SealedPart& part, Kind kind = Kind::key_created,
                      ByteView context = kContext,
                      const ServiceId& service = golden::kService) const {
    const auto opened = open(secrets_, service, kind, context, part.commitment, part.stored);
    if (opened) return "opened";
    EXPECT_EQ(opened.error().code, Code::denied);
    return opened.error().message;
  }

  LedgerSecrets secrets_ = golden::secrets();
  SystemRandom random_;
  SealedPart sealed_;
};

}  // namespace

TEST_F(Seal, OpensToWhatWasSealed) {
  const auto opened = open(secrets_, golden::kService, Kind::key_created, kContext,
                           sealed_.commitment, sealed_.stored);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(same(opened->reveal(), kPlaintext));
  EXPECT_EQ(sealed_.stored.size(), 64 + kPlaintext.size() + 16);
}

TEST_F(Seal, SealsNothingAsWell) {
  const auto empty = seal(secrets_, golden::kService, Kind::key_released, {}, {}, random_);
  const auto opened =
      open(secrets_, golden::kService, Kind::key_released, {}, empty.commitment, empty.stored);
  ASSERT_TRUE(opened);
  EXPECT_TRUE(opened->empty());
}

TEST_F(Seal, NeverSealsTwiceAlike) {
  const auto again =
      seal(secrets_, golden::kService, Kind::key_created, kContext, kPlaintext, random_);
  EXPECT_FALSE(same(again.stored, sealed_.stored));
}

TEST_F(Seal, RefusesBytesTheEntryDoesNotCommitTo) {
  SealedPart other = sealed_;
  other.stored.back() ^= 1;
  EXPECT_EQ(refusal(other), "sealed part: not the bytes that the entry commits to");
  other = sealed_;
  other.stored.push_back(0);
  EXPECT_EQ(refusal(other), "sealed part: not the bytes that the entry commits to");
  other = sealed_;
  ++other.commitment.length;
  EXPECT_EQ(refusal(other), "sealed part: not the bytes that the entry commits to");
}

TEST_F(Seal, RefusesEveryChangedByte) {
  const std::string commitment =
      "sealed part: key commitment differs: another ledger secret or another service";
  const std::string tag = "sealed part: tag differs: another kind or context";
  for (std::size_t at = 0; at < sealed_.stored.size(); ++at) {
    EXPECT_EQ(refusal(with_byte_changed(at)), at < 64 ? commitment : tag) << at;
  }
}

TEST_F(Seal, RefusesAnotherKindContextOrService) {
  EXPECT_EQ(refusal(sealed_), "opened");
  EXPECT_EQ(refusal(sealed_, Kind::key_released),
            "sealed part: tag differs: another kind or context");
  EXPECT_EQ(refusal(sealed_, Kind::key_created, to_bytes("contexT")),
            "sealed part: tag differs: another kind or context");
  EXPECT_EQ(refusal(sealed_, Kind::key_created, kContext, golden::counting<32>(0x21)),
            "sealed part: key commitment differs: another ledger secret or another service");
}

TEST_F(Seal, RefusesTooFewBytes) {
  SealedPart part;
  part.stored = Bytes(79, 1);
  part.commitment = {1, 79, crypto::sha256(part.stored)};
  EXPECT_EQ(refusal(part), "sealed part: 79 bytes are too few");
}

TEST_F(Seal, UsesTheNewestSecretAndOpensUnderOlderOnes) {
  secrets_.add(2, SecretBytes::copy_of(golden::counting<32>(0x01)));
  EXPECT_EQ(secrets_.current_version(), 2U);
  const auto newer =
      seal(secrets_, golden::kService, Kind::key_created, kContext, kPlaintext, random_);
  EXPECT_EQ(newer.commitment.secret_version, 2U);
  EXPECT_EQ(refusal(newer), "opened");
  EXPECT_EQ(refusal(sealed_), "opened");
  SealedPart mislabelled = sealed_;
  mislabelled.commitment.secret_version = 2;
  EXPECT_EQ(refusal(mislabelled),
            "sealed part: key commitment differs: another ledger secret or another service");
}

TEST_F(Seal, NamesASecretThatIsNotThere) {
  sealed_.commitment.secret_version = 7;
  const auto opened = open(secrets_, golden::kService, Kind::key_created, kContext,
                           sealed_.commitment, sealed_.stored);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Code::not_found);
  EXPECT_EQ(opened.error().message, "ledger secret: this node has no version 7");
}

TEST(CommitEvidence, NamesItsTransaction) {
  EXPECT_EQ(*transaction_id_in(golden::evidence()), golden::kId);
  const auto key = commit_evidence_key(golden::counting<32>(0x00), golden::kService);
  EXPECT_EQ(commit_evidence(key.reveal(), golden::kId), golden::evidence());
  EXPECT_NE(commit_evidence(key.reveal(), {2, 15}), golden::evidence());
}

TEST(CommitEvidence, RefusesAnotherForm) {
  const std::string good = golden::evidence();
  std::string upper = good;
  upper.back() = 'A';
  for (const std::string& text :
       {std::string(), std::string("ce:"), good.substr(1), good + "0",
        good.substr(0, good.size() - 1), upper, "ce:2.0:" + std::string(64, '0'),
        "ce:" + std::string(64, '0'), "ce::" + std::string(64, '0'),
        "CE:2.14:" + std::string(64, '0'), "ce:2.14:x:" + std::string(64, '0')}) {
    const auto refused = transaction_id_in(text);
    ASSERT_FALSE(refused) << text;
    EXPECT_EQ(refused.error().message,
              "commit evidence: not ce:VIEW.SEQNO:<64 lower-case hex digits>");
  }
}

TEST(BatchTag, DependsOnEachOfItsInputs) {
  const auto secret = golden::counting<32>(0x00);
  const auto tag = batch_tag(secret, golden::kService, golden::batch());
  const auto tag_of = [&](auto change) {
    auto input = golden::batch();
    change(input);
    return batch_tag(secret, golden::kService, input);
  };
  EXPECT_EQ(tag_of([](auto&) {}), tag);
  EXPECT_NE(tag_of([](auto& input) { ++input.before.size; }), tag);
  EXPECT_NE(tag_of([](auto& input) { input.before.rfc9162.bytes[0] ^= 1; }), tag);
  EXPECT_NE(tag_of([](auto& input) { input.before.ccf.bytes[31] ^= 1; }), tag);
  EXPECT_NE(tag_of([](auto& input) { ++input.after.size; }), tag);
  EXPECT_NE(tag_of([](auto& input) { input.after.rfc9162.bytes[0] ^= 1; }), tag);
  EXPECT_NE(tag_of([](auto& input) { input.after.ccf.bytes[0] ^= 1; }), tag);
  EXPECT_NE(tag_of([](auto& input) { input.node_id[0] = 'b'; }), tag);
  EXPECT_NE(tag_of([](auto& input) { input.boot_id[15] ^= 1; }), tag);
  EXPECT_NE(batch_tag(golden::counting<32>(0x01), golden::kService, golden::batch()), tag);
  EXPECT_NE(batch_tag(secret, golden::counting<32>(0x21), golden::batch()), tag);
}

TEST(CallerHash, TellsCallersApart) {
  const auto secret = golden::counting<32>(0x00);
  EXPECT_EQ(caller_hash(secret, golden::kService, "a"), caller_hash(secret, golden::kService, "a"));
  EXPECT_NE(caller_hash(secret, golden::kService, "a"), caller_hash(secret, golden::kService, "b"));
  EXPECT_NE(caller_hash(secret, golden::kService, "a"),
            caller_hash(golden::counting<32>(0x01), golden::kService, "a"));
}

TEST(DerivedKeys, DifferByLabel) {
  const auto secret = golden::counting<32>(0x00);
  const auto one = derived_key(secret, golden::kService, "vitrine batch v1");
  const auto other = derived_key(secret, golden::kService, "vitrine caller v1");
  EXPECT_EQ(one.size(), 32U);
  EXPECT_FALSE(same(one.reveal(), other.reveal()));
}

}  // namespace vitrine::ledger
