// Rekeys, rotations, renewals and deals on a whole service in memory, with restarts and a failing
// disk in between.
#include "core/duties.h"

#include "core/dealing.h"
#include "core/recovery_for_testing.h"
#include "core/state_codec.h"
#include "ledger/receipt.h"
#include "ledger/recovery_share.h"

namespace vitrine::core {
namespace {

class Duties : public testing::Test {
 protected:
  void create(std::size_t members = 3, std::uint32_t threshold = 2) {
    add_recovery_members(service_.governance(), members, threshold);
    service_.create();
  }
  const State& state() {
    view_ = service_.core().view();
    return view_->state;
  }
  std::string make_key() {
    const auto rotated = rotate_key(service_.core());
    EXPECT_TRUE(rotated);
    return rotated ? rotated->key->item.kid : "";
  }
  bool can_open(const std::string& kid) {
    return service_.core().vault().private_key(*state().keys->find(kid)).has_value();
  }
  const governance::Deal& deal() { return *state().recovery.deal; }
  std::vector<crypto::Share> shares(std::initializer_list<std::size_t> of) {
    std::vector<crypto::Share> out;
    for (const std::size_t i : of) {
      const SecretBytes clear = share_of(deal(), recovery_members_for_testing()[i]);
      auto share = ledger::decode_recovery_share(clear.reveal());
      out.push_back(std::move(share->share));
    }
    return out;
  }
  Result<ServiceSecrets> open(const std::vector<crypto::Share>& given) {
    const auto record = service_.store().read_one(deal().seqno - 1);
    return open_deal(deal(), record->sealed, given, state().service->id,
                     service_.core().secrets()->node_key);
  }
  // The members vote for it; what it demands is done before the last vote is answered.
  ::testing::AssertionResult vote(std::string_view action, std::string_view args = "{}") {
    const auto outcome = decide(service_.core(), document_of(action, args));
    if (!outcome) return ::testing::AssertionFailure() << outcome.error().error.message;
    const auto& proposal = *outcome->submitted.proposal;
    if (proposal.state != governance::ProposalState::accepted)
      return ::testing::AssertionFailure() << name_of(proposal.state) << " " << proposal.failure;
    voted_ = outcome->id.seqno;
    return ::testing::AssertionSuccess();
  }
  std::size_t due() { return state().proceedings->duties.size(); }
  ledger::Kind kind_of(std::uint64_t seqno) {
    return ledger::decode_leaf(service_.store().read_one(seqno - 1)->leaf)->kind;
  }
  void restart() {
    service_.stop();
    const Status started = service_.start_and_take_up();
    ASSERT_TRUE(started) << started.error().message;
  }

  TestService service_;
  std::shared_ptr<const View> view_;
  std::uint64_t voted_ = 0;  // sequence number of the vote that decided
};

TEST_F(Duties, GenesisDealsTheSecretsToItsRecoveryMembers) {
  create();
  EXPECT_EQ(deal().seqno, 4u);
  EXPECT_EQ(deal().entry.cause, 2u);
  EXPECT_EQ(deal().entry.threshold, 2u);
  ASSERT_EQ(deal().entry.shares.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const SecretBytes clear = share_of(deal(), recovery_members_for_testing()[i]);
    EXPECT_EQ(crypto::sha256(clear.reveal()), deal().entry.shares[i].digest);
    const auto share = ledger::decode_recovery_share(clear.reveal());
    ASSERT_TRUE(share);
    EXPECT_EQ(share->share.index, i + 1);
    EXPECT_EQ(share->service, state().service->id);
  }
}

TEST_F(Duties, WithoutAThresholdNothingIsDealt) {
  create(3, 0);
  EXPECT_EQ(state().recovery.deal, nullptr);
  EXPECT_EQ(due(), 0u);
  EXPECT_FALSE(vote("trigger_recovery_shares_refresh"));
  ASSERT_TRUE(vote("trigger_ledger_rekey")) << "a rekey needs no recovery members";
  EXPECT_EQ(state().secret_version, 2u);
  EXPECT_EQ(state().recovery.deal, nullptr);
  ASSERT_TRUE(vote("set_recovery_threshold", R"({"recovery_threshold":3})"));
  EXPECT_EQ(deal().entry.threshold, 3u);
  EXPECT_EQ(deal().entry.cause, voted_);
}

TEST_F(Duties, AnyTwoOfThreeSharesOpenTheDealAndOneDoesNot) {
  create();
  for (const auto& pair : {std::pair{0, 1}, {0, 2}, {1, 2}}) {
    const auto opened =
        open(shares({static_cast<std::size_t>(pair.first), static_cast<std::size_t>(pair.second)}));
    ASSERT_TRUE(opened) << opened.error().message;
    const auto held = service_.core().secrets();
    EXPECT_EQ(opened->service_key.public_key(), held->service_key.public_key());
    EXPECT_EQ(opened->log_key.public_key(), held->log_key.public_key());
    EXPECT_TRUE(equal_in_constant_time(*opened->ledger.secret(1), *held->ledger.secret(1)));
  }
  const auto one = open(shares({1}));
  ASSERT_FALSE(one);
  EXPECT_EQ(one.error().code, Code::denied);
  auto wrong = shares({0, 1});
  wrong[1].index = 3;
  EXPECT_FALSE(open(wrong));
}

TEST_F(Duties, RekeyPutsANewSecretInForceAndDealsItInTheSameBatch) {
  create();
  const std::string old_key = make_key();
  const auto old_shares = shares({0, 1});
  ASSERT_TRUE(vote("trigger_ledger_rekey"));
  EXPECT_EQ(due(), 0u);
  EXPECT_EQ(state().size, voted_ + 2);
  EXPECT_EQ(kind_of(voted_ + 1), ledger::Kind::ledger_rekeyed);
  EXPECT_EQ(kind_of(voted_ + 2), ledger::Kind::shares_dealt);
  EXPECT_EQ(deal().entry.cause, voted_);
  EXPECT_EQ(state().secret_version, 2u);
  EXPECT_EQ(deal().entry.secret_version, 2u);
  EXPECT_FALSE(open(old_shares)) << "shares of the deal before";
  const auto opened = open(shares({0, 2}));
  ASSERT_TRUE(opened) << opened.error().message;
  EXPECT_EQ(opened->ledger.highest_version(), 2u);

  const std::string new_key = make_key();
  EXPECT_EQ(state().keys->find(old_key)->sealed.secret_version, 1u);
  EXPECT_EQ(state().keys->find(new_key)->sealed.secret_version, 2u);
  restart();
  EXPECT_EQ(state().secret_version, 2u);
  EXPECT_TRUE(can_open(old_key));
  EXPECT_TRUE(can_open(new_key));
}

TEST_F(Duties, WhatTheDiskRefusesStaysDueAndIsDoneAfterTheNextStart) {
  create();
  const std::string key = make_key();
  service_.files().fail(true);
  ASSERT_TRUE(vote("trigger_ledger_rekey"));
  EXPECT_EQ(state().secret_version, 1u);
  EXPECT_EQ(due(), 1u);
  EXPECT_FALSE(discharge_duties(service_.core()));
  service_.files().fail(false);
  restart();
  EXPECT_EQ(state().secret_version, 1u);
  EXPECT_EQ(due(), 1u);
  const Status done = discharge_duties(service_.core());
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(state().secret_version, 2u);
  EXPECT_EQ(deal().entry.secret_version, 2u);
  EXPECT_EQ(deal().entry.cause, voted_);
  EXPECT_TRUE(can_open(key));
  EXPECT_TRUE(discharge_duties(service_.core())) << "nothing is due";
}

// As when the process stops between keeping a secret and the entry that puts it in force.
TEST_F(Duties, ASecretThatNeverCameIntoForceIsNeverUsed) {
  create();
  ServiceSecrets kept = service_.core().secrets()->clone();
  ASSERT_TRUE(kept.ledger.put_in_force(1));
  kept.ledger.add(2, SecretBytes(32));
  ASSERT_TRUE(service_.core().reseal(kept));
  restart();
  EXPECT_EQ(state().secret_version, 1u);
  const std::string key = make_key();
  EXPECT_EQ(state().keys->find(key)->sealed.secret_version, 1u);
  ASSERT_TRUE(vote("trigger_ledger_rekey"));
  EXPECT_EQ(state().secret_version, 3u);
  restart();
  EXPECT_TRUE(can_open(key));
}

TEST_F(Duties, ARotatedServiceKeyIsEndorsedByTheOneBefore) {
  create();
  make_key();
  const auto before = state().service->certificate;
  ASSERT_TRUE(vote("rotate_service_key"));
  const auto after = state().service->certificate;
  EXPECT_FALSE(after.public_key() == before.public_key());
  ASSERT_TRUE(state().recovery.endorsement);
  const auto& endorsement = *state().recovery.endorsement;
  EXPECT_EQ(endorsement.public_key(), after.public_key());
  EXPECT_TRUE(crypto::check_link(endorsement, before, crypto::CertificateSignature::any));
  EXPECT_TRUE(
      crypto::check_link(state().node->certificate, endorsement, crypto::CertificateSignature::any))
      << "who pinned the old certificate gets to the node by the endorsement";
  EXPECT_TRUE(open(shares({1, 2}))->service_key.public_key() == after.public_key() ||
              open(shares({1, 2}))->next_service_key->public_key() == after.public_key());

  const auto receipt = service_.core().receipt(state().keys->newest()->id);
  ASSERT_TRUE(receipt);
  EXPECT_TRUE(ledger::verify_receipt(*receipt, after));
  EXPECT_FALSE(ledger::verify_receipt(*receipt, before));
  restart();
  EXPECT_EQ(state().service->certificate.public_key(), after.public_key());
  EXPECT_EQ(service_.core().secrets()->service_key.public_key(), after.public_key());
}

TEST_F(Duties, TheReceiptOfAKeyLeadsToTheNewestServiceCertificate) {
  create();
  make_key();
  const auto key = state().keys->newest();
  const auto before = service_.core().key_receipt(*key);
  ASSERT_TRUE(before);
  EXPECT_EQ(**before, **service_.core().key_receipt(*key)) << "cached";
  ASSERT_TRUE(vote("rotate_service_key"));
  EXPECT_NE(**before, **service_.core().key_receipt(*key));
}

TEST_F(Duties, ARotatedLogKeySignsFromItsEntryOn) {
  create();
  const auto before = state().service->log_key;
  // The stored head stays one of the old key.
  ASSERT_TRUE(service_.core().put_head(service_.core().view()->head));
  ASSERT_TRUE(vote("rotate_log_key"));
  EXPECT_FALSE(state().service->log_key == before);
  EXPECT_TRUE(verify_head(view_->head, view_->trees->roots(), *state().service));
  restart();
  EXPECT_FALSE(state().service->log_key == before);
}

TEST_F(Duties, ARenewedServiceCertificateIsOfTheSameKeyAndWithinTheLimit) {
  create();
  const auto before = state().service->certificate;
  service_.clock().advance(std::chrono::hours(24 * 200));
  const auto renewed = renew_service_certificate(service_.core());
  ASSERT_TRUE(renewed) << renewed.error().message;
  const auto after = state().service->certificate;
  EXPECT_EQ(after.public_key(), before.public_key());
  EXPECT_GT(after.not_after(), before.not_after() + std::chrono::hours(24 * 199));
  EXPECT_TRUE(
      crypto::check_link(state().node->certificate, after, crypto::CertificateSignature::any));
  restart();
  EXPECT_EQ(state().service->certificate.der(), after.der());

  ASSERT_TRUE(vote("set_service_certificate_validity",
                   R"({"valid_from":"270501000000Z","validity_period_days":300})"));
  EXPECT_EQ(to_rfc3339(state().service->certificate.not_before()).substr(0, 10), "2027-05-01");
  EXPECT_EQ(due(), 0u);
}

TEST_F(Duties, ARenewedNodeCertificateIsEndorsedByTheService) {
  create();
  const auto before = state().node->certificate;
  ASSERT_TRUE(vote("set_all_nodes_certificate_validity",
                   R"({"valid_from":"261101000000Z","validity_period_days":300})"));
  EXPECT_NE(state().node->certificate.der(), before.der());
  EXPECT_EQ(state().node->certificate.public_key(), before.public_key());
}

TEST_F(Duties, AKeyMarkedCompromisedIsReplacedAtOnce) {
  create();
  const std::string key = make_key();
  ASSERT_TRUE(vote("mark_key_compromised", R"({"kid":")" + key + R"("})"));
  EXPECT_NE(state().keys->newest()->item.kid, key);
  EXPECT_EQ(due(), 0u);
}

TEST_F(Duties, AMemberWhoLeavesTakesNoUsefulShareAlong) {
  create();
  const auto leaving = recovery_members_for_testing()[2].identity.id;
  const auto old = shares({1, 2});
  ASSERT_TRUE(vote("remove_member", R"({"member_id":")" + leaving + R"("})"));
  EXPECT_EQ(state().secret_version, 2u);
  EXPECT_EQ(deal().entry.shares.size(), 2u);
  EXPECT_FALSE(open(old));
  EXPECT_TRUE(open(shares({0, 1})));
}

TEST_F(Duties, AnUnconfirmedNodeMakesNothing) {
  create();
  service_.files().fail(true);
  ASSERT_TRUE(vote("trigger_ledger_rekey"));
  service_.files().fail(false);
  service_.stop();
  ASSERT_TRUE(service_.start());
  const Bytes sealed = service_.sealed();
  const Status done = discharge_duties(service_.core());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, Code::unavailable);
  const auto renewed = renew_service_certificate(service_.core());
  ASSERT_FALSE(renewed);
  EXPECT_EQ(renewed.error().code, Code::unavailable);
  EXPECT_EQ(service_.sealed(), sealed);
}

TEST_F(Duties, SnapshotsKeepWhatWasDealtAndEndorsed) {
  create();
  ASSERT_TRUE(vote("rotate_service_key"));
  const Bytes encoded = encode_state(state());
  const auto decoded = decode_state(encoded);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_EQ(encode_state(*decoded), encoded);
  EXPECT_EQ(decoded->recovery.deal->seqno, deal().seqno);
  EXPECT_EQ(decoded->recovery.deal->sealed, deal().sealed);
}

}  // namespace
}  // namespace vitrine::core
