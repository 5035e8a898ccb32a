// Core as a whole, on a store in memory: genesis, keys, proposals, releases, restarts, failures of
// the disk.
#include "core/core.h"

#include <thread>

#include "core/accept_proposal.h"
#include "core/open_secrets.h"
#include "core/service_for_testing.h"
#include "keys/key.h"
#include "ledger/receipt.h"

namespace vitrine::core {

Status TestService::propose(std::string_view action, std::string_view args) {
  static std::atomic<std::int64_t> created_at{1'795'500'000};
  const std::string payload =
      R"({"actions":[{"name":")" + std::string(action) + R"(","args":)" + std::string(args) + "}]}";
  const auto accepted = accept_proposal(
      core(), governance::envelope_for_testing(proposer_for_testing(), payload, ++created_at));
  if (!accepted) return tl::unexpected<Error>(accepted.error().error);
  return {};
}

ReleaseRequest TestService::release_request(const std::string& kid) const {
  ReleaseRequest request;
  request.wrapping_key = wrapping_key_for_testing().public_key().pem();
  request.kid = kid;
  attestation::simulated::AttestRequest attest;
  const Digest hash = crypto::sha256(as_bytes(request.wrapping_key));
  std::copy(hash.bytes.begin(), hash.bytes.end(), attest.report_data.begin());
  request.evidence = attestation::simulated::test_attester().attest(attest).value();
  return request;
}

namespace {

constexpr const char* kAnyVersion = R"({"type":"add","claims":{"x-ms-ver":["3"]}})";
constexpr const char* kOtherVersion = R"({"type":"remove","claims":{"x-ms-ver":["3"]}})";

class CoreTest : public testing::Test {
 protected:
  std::string make_key() {
    const auto rotated = rotate_key(service_.core());
    EXPECT_TRUE(rotated);
    return rotated ? rotated->key->item.kid : "";
  }
  TestService service_;
};

TEST_F(CoreTest, GenesisWritesThreeEntriesOfViewTwoUnderOneSignedHead) {
  service_.create();
  const auto view = service_.core().view();
  EXPECT_EQ(ledger::to_text(view->state.last_id()), "2.3");
  EXPECT_EQ(view->head.root.roots.size, 3u);
  EXPECT_TRUE(verify_head(view->head, view->trees->roots(), *view->state.service));
  EXPECT_EQ(view->state.service->log_origin.substr(0, 16), "vitrine.invalid/");
}

TEST_F(CoreTest, RefusesGenesisOnAStoreThatHoldsALedger) {
  service_.create();
  ConfirmAtOnce confirm;
  SystemRandom random;
  FixedSeal seal;
  const auto again = create_service(
      {service_.store(), service_.files(), confirm, service_.clock(), random},
      Genesis{service_.governance(), "", crypto::KeyKind::ec_p256}, {{}, "test", true}, seal);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().message, "genesis: memory holds a ledger already");
}

TEST_F(CoreTest, ReleasesAKeyThatOpensAndRecordsTheRelease) {
  service_.create();
  const std::string kid = make_key();
  ASSERT_TRUE(service_.propose("set_key_release_policy", kAnyVersion));
  const auto released = release_key(service_.core(), service_.release_request(kid));
  ASSERT_TRUE(released) << released.error().error.message;
  const auto plaintext = wrapping_key_for_testing().oaep_decrypt(released->wrapped);
  ASSERT_TRUE(plaintext);
  const auto private_key = keys::private_key_from_jwk(plaintext->reveal());
  ASSERT_TRUE(private_key);
  EXPECT_EQ(crypto::kem_public_of(crypto::Kem::x25519_sha256, private_key->reveal()).value(),
            released->key->item.public_key);

  const auto record = service_.store().read_one(released->id.seqno - 1).value();
  const auto leaf = ledger::decode_leaf(record.leaf).value();
  EXPECT_EQ(leaf.kind, ledger::Kind::key_released);
  EXPECT_EQ(leaf.governance.digest, service_.core().view()->state.governance_ref.digest);
  EXPECT_FALSE(record.sealed.empty());
}

TEST_F(CoreTest, RefusesEachReleaseWithTheStepThatStoodAgainstIt) {
  service_.create();
  const std::string kid = make_key();
  auto request = service_.release_request(kid);
  EXPECT_EQ(release_key(service_.core(), request).error().step, Refused::no_policy);
  ASSERT_TRUE(
      service_.propose("set_key_release_policy", R"({"type":"add","claims":{"x-ms-ver":["2"]}})"));
  const auto denied = release_key(service_.core(), request);
  EXPECT_EQ(denied.error().step, Refused::policy_denied);
  EXPECT_EQ(denied.error().reason, "x-ms-ver: wanted 2, found 3");
  ASSERT_TRUE(service_.propose("set_key_release_policy", kAnyVersion));

  auto altered = request;
  altered.evidence.report[0x90] ^= 1;
  EXPECT_EQ(release_key(service_.core(), altered).error().step, Refused::evidence_denied);
  auto foreign = request;
  foreign.wrapping_key = proposer_for_testing().certificate.public_key().pem();
  EXPECT_EQ(release_key(service_.core(), foreign).error().step, Refused::wrapping_key_unbound);
  auto unknown = request;
  unknown.kid = "nobody_1";
  EXPECT_EQ(release_key(service_.core(), unknown).error().step, Refused::key_unknown);
  EXPECT_TRUE(release_key(service_.core(), request));

  ASSERT_TRUE(service_.propose(
      "set_key_rotation_policy",
      R"({"key_rotation_policy":{"rotation_interval_seconds":10,"grace_period_seconds":5}})"));
  service_.clock().advance(std::chrono::seconds(10));
  EXPECT_TRUE(release_key(service_.core(), request)) << "at the interval it is not expired yet";
  service_.clock().advance(std::chrono::milliseconds(1));
  EXPECT_EQ(release_key(service_.core(), request).error().step, Refused::key_expired);
}

TEST_F(CoreTest, JudgesAReleaseAgainWhenItsPolicyWasReplacedMeanwhile) {
  service_.create();
  const std::string kid = make_key();
  ASSERT_TRUE(service_.propose("set_key_release_policy",
                               R"({"type":"add","claims":{"x-ms-ver":["2","3"]}})"));
  int judged = 0;
  service_.core().after_judging_for_testing = [&] {
    // Between the judgement and its append the policy stops accepting version 3.
    if (judged++ == 0) {
      ASSERT_TRUE(service_.propose("set_key_release_policy", kOtherVersion));
    }
  };
  const auto entries = service_.core().view()->state.size;
  const auto released = release_key(service_.core(), service_.release_request(kid));
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().step, Refused::policy_denied);
  EXPECT_EQ(judged, 1) << "the second judgement refused before it came to an append";
  EXPECT_EQ(service_.core().view()->state.size, entries + 1) << "the proposal's entry alone";
}

// A caller was authenticated by the state before, and the evidence judged by the state after.
TEST_F(CoreTest, AsksWhetherTheCallerIsAdmittedByTheStateOfEachJudgement) {
  service_.create();
  const std::string kid = make_key();
  ASSERT_TRUE(service_.propose("set_key_release_policy", kAnyVersion));
  auto request = service_.release_request(kid);
  std::vector<Digest> asked_of;
  request.admits = [&](const std::shared_ptr<const View>& view) {
    asked_of.push_back(view->state.governance_ref.digest);
    return asked_of.size() < 2;
  };
  service_.core().after_judging_for_testing = [&] {
    ASSERT_TRUE(service_.propose("set_key_release_policy",
                                 R"({"type":"add","claims":{"x-ms-ver":["4"]}})"));
  };
  const auto released = release_key(service_.core(), request);
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().step, Refused::moved);
  EXPECT_EQ(released.error().error.message,
            "release: what admitted the caller changed while it was judged");
  ASSERT_EQ(asked_of.size(), 2U);
  EXPECT_NE(asked_of[0], asked_of[1]);
  EXPECT_EQ(asked_of[1], service_.core().view()->state.governance_ref.digest);
}

TEST_F(CoreTest, GivesUpAfterThreeJudgementsThatTheStateOvertook) {
  service_.create();
  const std::string kid = make_key();
  ASSERT_TRUE(service_.propose("set_key_release_policy", kAnyVersion));
  int judged = 0;
  service_.core().after_judging_for_testing = [&] {
    ++judged;
    ASSERT_TRUE(service_.propose(
        "set_key_release_policy",
        R"({"type":"add","claims":{"x-ms-ver":["v)" + std::to_string(judged) + R"("]}})"));
  };
  const auto released = release_key(service_.core(), service_.release_request(kid));
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().step, Refused::moved);
  EXPECT_EQ(judged, 3);
}

TEST_F(CoreTest, KeepsTheMinimumIntervalBetweenKeys) {
  service_.governance().settings.refresh_interval_min = std::chrono::seconds(60);
  service_.create();
  make_key();
  service_.clock().advance(std::chrono::seconds(59));
  const auto early = rotate_key(service_.core());
  ASSERT_FALSE(early);
  ASSERT_TRUE(early.error().too_soon);
  EXPECT_EQ(early.error().too_soon->retry_after, std::chrono::seconds(1));
  service_.clock().advance(std::chrono::seconds(1));
  make_key();
}

TEST_F(CoreTest, RotatesByItselfAtIntervalMinusGraceWhenAsked) {
  service_.governance().settings.auto_rotate = true;
  service_.create();
  EXPECT_FALSE(*rotate_if_due(service_.core())) << "without a rotation policy nothing is due";
  ASSERT_TRUE(service_.propose(
      "set_key_rotation_policy",
      R"({"key_rotation_policy":{"rotation_interval_seconds":100,"grace_period_seconds":30}})"));
  EXPECT_TRUE(*rotate_if_due(service_.core())) << "the first key";
  EXPECT_FALSE(*rotate_if_due(service_.core()));
  service_.clock().advance(std::chrono::seconds(70) - std::chrono::milliseconds(1));
  EXPECT_FALSE(*rotate_if_due(service_.core()));
  service_.clock().advance(std::chrono::milliseconds(1));
  EXPECT_TRUE(*rotate_if_due(service_.core()));
  EXPECT_EQ(service_.core().view()->state.keys->in_order.size(), 2u);
}

TEST_F(CoreTest, AdvertisesTheNewestKeyThatIsOldEnough) {
  service_.create();
  ASSERT_TRUE(service_.propose(
      "set_key_rotation_policy",
      R"({"key_rotation_policy":{"rotation_interval_seconds":100,"grace_period_seconds":5}})"));
  const std::string first = make_key();
  const auto exposed = [&] {
    const auto view = service_.core().view();
    return view->state.keys->newest_exposed(*view->state.governance, service_.core().now())
        ->item.kid;
  };
  EXPECT_EQ(exposed(), first) << "none is old enough: the newest anyway";
  service_.clock().advance(std::chrono::seconds(5));
  const std::string second = make_key();
  EXPECT_EQ(exposed(), first);
  service_.clock().advance(std::chrono::seconds(5));
  EXPECT_EQ(exposed(), second);
}

TEST_F(CoreTest, RefusesAnEnvelopeItHasAcceptedBefore) {
  service_.create();
  const Bytes envelope =
      governance::envelope_for_testing(proposer_for_testing(), R"({"actions":[]})", 1'796'000'000);
  ASSERT_TRUE(accept_proposal(service_.core(), envelope));
  const auto again = accept_proposal(service_.core(), envelope);
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().step, ProposalRefused::too_old);
  EXPECT_EQ(again.error().error.message, "proposal: this envelope was accepted before");
  // Another of the same second is accepted, one of the second before is not.
  EXPECT_TRUE(accept_proposal(
      service_.core(), governance::envelope_for_testing(proposer_for_testing(),
                                                        R"({"actions": []})", 1'796'000'000)));
  const auto older = accept_proposal(
      service_.core(),
      governance::envelope_for_testing(proposer_for_testing(), R"({"actions":[]})", 1'795'999'999));
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().step, ProposalRefused::too_old);
}

TEST_F(CoreTest, AppliesAProposalOfSeveralActionsAllOrNothing) {
  service_.create();
  const auto before = service_.core().view();
  const std::string payload = R"({"actions":[{"name":"set_key_release_policy","args":)" +
                              std::string(kAnyVersion) + R"(},{"name":"nope","args":{}}]})";
  const auto refused = accept_proposal(
      service_.core(),
      governance::envelope_for_testing(proposer_for_testing(), payload, 1'796'000'000));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().step, ProposalRefused::unknown_action);
  EXPECT_EQ(service_.core().view()->state.size, before->state.size);
  EXPECT_FALSE(service_.core().view()->state.governance->release_policy);
}

TEST_F(CoreTest, FoldsToTheSameStateAfterARestartAndRaisesTheView) {
  service_.create();
  const std::string kid = make_key();
  ASSERT_TRUE(service_.propose("set_key_release_policy", kAnyVersion));
  ASSERT_TRUE(release_key(service_.core(), service_.release_request(kid)));
  const auto before = service_.core().view();
  const std::string receipt = **service_.core().key_receipt(*before->state.keys->find(kid));
  service_.stop();
  ASSERT_TRUE(service_.start_and_take_up());

  const auto after = service_.core().view();
  EXPECT_EQ(after->state.governance_ref, before->state.governance_ref);
  EXPECT_EQ(after->state.keys->find(kid)->id, before->state.keys->find(kid)->id);
  EXPECT_EQ(after->state.view, before->state.view + 1);
  EXPECT_EQ(after->state.size, before->state.size + 1);
  EXPECT_EQ(after->state.service->certificate.der(), before->state.service->certificate.der());
  // The old receipt verifies, and so does the one that the restarted node gives.
  for (const std::string& text :
       {receipt, **service_.core().key_receipt(*after->state.keys->find(kid))}) {
    const auto parsed = ledger::Receipt::from_json(codec::json::parse_object(text).value());
    ASSERT_TRUE(parsed);
    const auto verified = ledger::verify_receipt(*parsed, after->state.service->certificate);
    ASSERT_TRUE(verified) << verified.error().message;
    EXPECT_EQ(verified->id, before->state.keys->find(kid)->id);
    EXPECT_EQ(verified->claims_digest, keys::claims_digest(after->state.keys->find(kid)->item));
  }
  EXPECT_TRUE(release_key(service_.core(), service_.release_request(kid)));
}

TEST_F(CoreTest, StartsWhenTheLastHeadWasNeverStored) {
  service_.create();
  make_key();
  service_.stop();
  service_.disk().lose_head();
  EXPECT_TRUE(service_.start_and_take_up());
}

TEST_F(CoreTest, RefusesToStartOnAnEntryThatWasChanged) {
  service_.create();
  make_key();
  service_.stop();
  auto record = service_.store().read_one(3).value();
  record.sealed.back() ^= 1;
  service_.disk().overwrite(3, record);
  const Status started = service_.start_and_take_up();
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Code::denied);
  EXPECT_EQ(started.error().message,
            "memory, entry 4: its sealed part is not the one it commits to");
}

TEST_F(CoreTest, RefusesSecretsThatWereSealedByAnotherKeyOrChanged) {
  service_.create();
  service_.stop();
  FixedSeal other(8);
  EXPECT_EQ(unseal_secrets(service_.sealed(), other).error().message,
            "sealed service secrets: this is not the key that sealed them");
  FixedSeal right;
  EXPECT_TRUE(unseal_secrets(service_.sealed(), right));
  for (std::size_t i = 0; i < service_.sealed().size(); ++i) {
    Bytes changed = service_.sealed();
    changed[i] ^= 1;
    EXPECT_FALSE(unseal_secrets(changed, right)) << "byte " << i;
  }
}

TEST_F(CoreTest, SealsChangedSecretsAgainForTheNextStart) {
  service_.create();
  FixedSeal seal;
  auto changed = unseal_secrets(service_.sealed(), seal);
  ASSERT_TRUE(changed);
  changed->secrets.ledger.add(2, SecretBytes(32));
  ASSERT_TRUE(service_.core().reseal(changed->secrets));
  EXPECT_EQ(unseal_secrets(service_.sealed(), seal)->secrets.ledger.all().size(), 2u);
  service_.files().fail(true);
  EXPECT_EQ(service_.core().reseal(changed->secrets).error().message,
            "service.sealed: the disk is full, as told");
}

TEST_F(CoreTest, KeepsWhatASealNeedsToGiveItsKeyAgain) {
  service_.create();
  FixedSeal seal;
  auto unsealed = unseal_secrets(service_.sealed(), seal);
  ASSERT_TRUE(unsealed);
  unsealed->sealed_by.object = to_bytes("as the seal made it");
  SystemRandom random;
  const Bytes sealed = *seal_secrets(unsealed->secrets, unsealed->sealed_by, random);
  EXPECT_EQ(unseal_secrets(sealed, seal)->sealed_by.object, to_bytes("as the seal made it"));
}

TEST_F(CoreTest, TakesUpHandedSecretsOnlyWhereItsOwnDoNotOpen) {
  service_.create();
  service_.stop();
  const Bytes own = service_.sealed();
  FixedSeal seal, other(8);
  const auto unsealed = unseal_secrets(own, seal);
  SystemRandom random;
  const Bytes next = *seal_secrets(unsealed->secrets, *other.make(random), random);
  service_.files().set_next_secrets(next);
  EXPECT_TRUE(open_secrets(service_.files(), seal));
  EXPECT_EQ(service_.sealed(), own);
  EXPECT_TRUE(open_secrets(service_.files(), other));
  EXPECT_EQ(service_.sealed(), next) << "and from now on they are this node's";
  EXPECT_EQ(service_.files().next_secrets().value(), std::nullopt);
  EXPECT_EQ(open_secrets(service_.files(), seal).error().message,
            "service.sealed: sealed service secrets: this is not the key that sealed them");
  service_.files().set_secrets(std::nullopt);
  EXPECT_EQ(open_secrets(service_.files(), seal).error().code, Code::not_found);
}

TEST_F(CoreTest, AFailedWriteAnswersUnavailableAndLosesNothing) {
  service_.create();
  make_key();
  const auto before = service_.core().view();
  service_.disk().fail_appends(1);
  const auto failed = rotate_key(service_.core());
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().error.code, Code::unavailable);
  EXPECT_EQ(service_.core().view()->state.size, before->state.size);
  make_key();
  EXPECT_EQ(service_.core().view()->state.size, before->state.size + 1);
}

TEST_F(CoreTest, StopsWritingWhenTheDiskKeptWhatItSaidItDidNot) {
  service_.create();
  service_.disk().lose_answer_of_next_append();
  ASSERT_FALSE(rotate_key(service_.core()));
  const auto refused = rotate_key(service_.core());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().error.code, Code::unavailable);
  // A restart reads what became history.
  service_.stop();
  ASSERT_TRUE(service_.start_and_take_up());
  EXPECT_EQ(service_.core().view()->state.keys->in_order.size(), 1u);
}

class RefusingConfirm final : public Confirm {
 public:
  Status confirm(const ledger::Roots& roots) override {
    if (roots.size > 3) return unavailable("confirm: no quorum");
    return {};
  }
};

TEST_F(CoreTest, SignsNothingThatWasNotConfirmed) {
  RefusingConfirm confirm;
  SystemRandom random;
  FixedSeal seal;
  storage::memory::MemoryStore store;
  MemoryNodeFiles files;
  auto made = create_service({store, files, confirm, service_.clock(), random},
                             Genesis{service_.governance(), "", crypto::KeyKind::ec_p256},
                             {{}, "test", true}, seal);
  ASSERT_TRUE(made);
  const auto failed = rotate_key(**made);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().error.message, "confirm: no quorum");
  EXPECT_EQ((*made)->view()->head.root.roots.size, 3u) << "the head is the one before";
  EXPECT_EQ(store.head().value()->size, 3u) << "nor did one reach the disk";
}

TEST_F(CoreTest, TimeNeverGoesBack) {
  service_.create();
  make_key();
  const Time newest = service_.core().view()->state.time;
  service_.clock().advance(-std::chrono::hours(1));
  EXPECT_EQ(service_.core().now(), newest);
  make_key();
  EXPECT_EQ(service_.core().view()->state.time, newest);
}

TEST_F(CoreTest, ManyThreadsShareBatchesAndEachAnswerIsInTheLedger) {
  service_.create();
  constexpr int kThreads = 8;
  constexpr int kKeys = 40;
  std::vector<std::thread> threads;
  std::atomic<int> made{0};
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < kKeys; ++k) {
        const auto rotated = rotate_key(service_.core());
        if (rotated && service_.core().view()->head.root.roots.size >= rotated->id.seqno) ++made;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(made, kThreads * kKeys);
  const auto view = service_.core().view();
  EXPECT_EQ(view->state.keys->in_order.size(), static_cast<std::size_t>(kThreads * kKeys));
  for (const auto& key : view->state.keys->in_order) {
    const auto receipt = service_.core().receipt(key->id);
    ASSERT_TRUE(receipt);
    EXPECT_TRUE(ledger::verify_receipt(*receipt, view->state.service->certificate));
  }
  service_.stop();
  EXPECT_TRUE(service_.start_and_take_up());
}

}  // namespace
}  // namespace vitrine::core
