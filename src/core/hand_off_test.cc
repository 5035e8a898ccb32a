#include "core/hand_off.h"

#include "base/hex.h"
#include "core/hand_off_json.h"
#include "core/service_for_testing.h"

namespace vitrine::core {
namespace {

class HandOff : public testing::Test {
 protected:
  HandOff() : challenges_(random_), keys_(make_hand_off_keys().value()) {
    auto& policy = service_.governance().join_policy;
    policy.snp_measurements.insert(to_hex(attestation::simulated::default_measurement()));
    policy.snp_host_data.emplace(std::string(64, '0'), "");
  }

  Time now() { return service_.clock().now(); }
  ReportData bound(ByteView challenge) {
    return hand_off_report_data(service_.core().view()->state.service->genesis_hash,
                                keys_.node_key.public_key(), keys_.hpke.public_key, challenge);
  }
  HandOffRequest request(const Bytes& challenge) {
    attest_.report_data = bound(challenge);
    attest_.raw = true;
    return {challenge, keys_.node_key.public_key(), keys_.hpke.public_key,
            attestation::simulated::test_attester().attest(attest_).value()};
  }
  std::string outcome(const HandOffRequest& request) {
    const auto handed_off = hand_off(service_.core(), challenges_, request);
    return handed_off ? "handed off" : handed_off.error().message;
  }

  TestService service_;
  SystemRandom random_;
  HandOffChallenges challenges_;
  HandOffKeys keys_;
  attestation::simulated::AttestRequest attest_;
};

TEST_F(HandOff, SealsTheSecretsToWhoIsLetIn) {
  service_.create();
  const Bytes challenge = challenges_.give(now());
  const auto handed_off = hand_off(service_.core(), challenges_, request(challenge));
  ASSERT_TRUE(handed_off) << handed_off.error().message;
  const auto received = open_handed_off(*handed_off, keys_, bound(challenge));
  ASSERT_TRUE(received) << received.error().message;
  const auto own = service_.core().secrets();
  EXPECT_EQ(received->secrets.service_id, own->service_id);
  EXPECT_EQ(received->secrets.service_key.public_key(), own->service_key.public_key());
  EXPECT_EQ(received->secrets.log_key.public_key(), own->log_key.public_key());
  EXPECT_EQ(received->secrets.node_key.public_key(), keys_.node_key.public_key()) << "its own";
  EXPECT_TRUE(received->settings.dev);
  EXPECT_EQ(service_.core().view()->state.size, handed_off->id.seqno) << "in the ledger";

  const HandOffKeys others = make_hand_off_keys().value();
  EXPECT_EQ(open_handed_off(*handed_off, others, bound(challenge)).error().code, Code::denied);
  HandedOff changed = *handed_off;
  changed.ciphertext[100] ^= 1;
  EXPECT_EQ(open_handed_off(changed, keys_, bound(challenge)).error().code, Code::denied);
}

TEST_F(HandOff, IsRepeatedByEveryStart) {
  service_.create();
  ASSERT_EQ(outcome(request(challenges_.give(now()))), "handed off");
  service_.stop();
  const Status started = service_.start_and_take_up();
  ASSERT_TRUE(started) << started.error().message;
}

TEST_F(HandOff, IsRefusedByAnEmptyPolicy) {
  service_.governance().join_policy = {};
  service_.create();
  EXPECT_EQ(outcome(request(challenges_.give(now()))),
            "hand-off: the join policy is empty, so nobody is let in");
}

TEST_F(HandOff, IsRefusedToAnotherMeasurement) {
  service_.create();
  attest_.measurement.emplace().fill(0xab);
  EXPECT_NE(outcome(request(challenges_.give(now()))).find("join policy: measurement abab"),
            std::string::npos);
}

TEST_F(HandOff, IsRefusedWhileFrozen) {
  service_.governance().frozen = governance::Frozen{"member", now()};
  service_.create();
  EXPECT_EQ(outcome(request(challenges_.give(now()))), "hand-off: the service is frozen");
}

TEST_F(HandOff, IsRefusedWhereTheEvidenceBindsOtherKeys) {
  service_.create();
  const Bytes challenge = challenges_.give(now());
  auto other = request(challenge);
  other.hpke_key = make_hand_off_keys().value().hpke.public_key;
  EXPECT_EQ(outcome(other), "hand-off: the evidence binds other keys or another challenge");
  other = request(challenge);
  other.challenge = challenges_.give(now());
  EXPECT_EQ(outcome(other), "hand-off: the evidence binds other keys or another challenge");
  EXPECT_EQ(outcome(request(challenge)), "handed off");
}

TEST_F(HandOff, TakesAChallengeOnceAndForAMinute) {
  service_.create();
  const auto first = request(challenges_.give(now()));
  const auto second = request(challenges_.give(now()));
  EXPECT_EQ(outcome(first), "handed off");
  EXPECT_EQ(outcome(first), "hand-off: this challenge was used already");
  EXPECT_EQ(outcome(second), "hand-off: the last one was a moment ago");
  service_.clock().advance(HandOffChallenges::kInterval);
  EXPECT_EQ(outcome(second), "handed off");
  const auto third = request(challenges_.give(now()));
  service_.clock().advance(HandOffChallenges::kChallengeLife + std::chrono::milliseconds(1));
  EXPECT_EQ(outcome(third), "hand-off: the challenge is not this process's, or too old");
  HandOffChallenges others(random_);
  EXPECT_EQ(outcome(request(others.give(now()))),
            "hand-off: the challenge is not this process's, or too old");
}

TEST_F(HandOff, IsReadAsItWasWritten) {
  service_.create();
  const auto asked = request(challenges_.give(now()));
  const auto json = to_json(asked);
  const auto read = hand_off_request_from_json(json);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), json);
  for (const auto& member : json) {
    auto fewer = json;
    fewer.erase(member.key());
    EXPECT_EQ(hand_off_request_from_json(fewer).error().message,
              "hand-off: member " + std::string(member.key()) + " is missing");
  }
  auto more = json;
  more["more"] = 1;
  EXPECT_EQ(hand_off_request_from_json(more).error().message, "hand-off: unknown member more");
}

}  // namespace
}  // namespace vitrine::core
