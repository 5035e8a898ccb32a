#include "core/govern.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/hex.h"
#include "core/service_for_testing.h"
#include "core/state_codec.h"
#include "core/upkeep.h"
#include "governance/council_for_testing.h"

namespace vitrine::core {
namespace {

using governance::Council;
using governance::MessageType;
using governance::ProposalState;

constexpr std::string_view kPolicy =
    R"({"actions":[{"name":"set_settings_policy","args":{"settings_policy":{"service":{"name":"a","description":"b","version":"1","debug":false}}}}]})";
constexpr std::string_view kFreeze = R"({"actions":[{"name":"freeze","args":{}}]})";

class Govern : public ::testing::Test {
 protected:
  void begin(std::size_t members) {
    council_.emplace(members);
    service_.governance().members = council_->folded.state->members;
    service_.create();
  }
  std::int64_t now() { return to_unix_seconds(service_.core().now()); }
  Bytes request(std::size_t signer, MessageType type, std::string_view payload,
                const std::string& proposal_id = {}) {
    return council_->request(signer, type, payload, proposal_id, now());
  }
  governance::Outcome<Governed> propose(std::size_t signer, std::string_view document) {
    return submit_proposal(service_.core(), request(signer, MessageType::proposal, document));
  }
  governance::Outcome<Governed> vote(std::size_t signer, const std::string& id, bool in_favour) {
    codec::json::Object ballot;
    ballot["ballot"] = governance::constant_vote(in_favour);
    return submit_ballot(service_.core(),
                         request(signer, MessageType::ballot, codec::json::write(ballot), id), {});
  }
  const State& state() {
    view_ = service_.core().view();
    return view_->state;
  }

  TestService service_;
  std::optional<Council> council_;
  std::shared_ptr<const View> view_;
};

}  // namespace

TEST_F(Govern, AVoteIsInTheLedgerAndSurvivesARestart) {
  begin(3);
  const auto proposed = propose(0, kPolicy);
  ASSERT_TRUE(proposed) << proposed.error().error.message;
  const std::string id = proposed->submitted.proposal->id;
  EXPECT_EQ(proposed->submitted.proposal->state, ProposalState::open);
  const auto reference = state().governance_ref;
  const auto first = vote(0, id, true);
  ASSERT_TRUE(first);
  EXPECT_EQ(state().governance_ref, reference);  // decides nothing: releases are not judged again

  service_.stop();
  ASSERT_TRUE(service_.start_and_take_up());
  EXPECT_EQ(state().proceedings->find(id)->ballots.size(), 1U);
  const auto second = vote(1, id, true);
  ASSERT_TRUE(second) << second.error().error.message;
  EXPECT_EQ(second->submitted.proposal->state, ProposalState::accepted);
  EXPECT_EQ(state().governance_ref.seqno, second->id.seqno);
  EXPECT_TRUE(state().governance->settings_policy);

  service_.stop();
  ASSERT_TRUE(service_.start_and_take_up());
  EXPECT_TRUE(state().governance->settings_policy);
  EXPECT_EQ(state().proceedings->find(id)->state, ProposalState::accepted);
}

TEST_F(Govern, TheProposalsIdIsOfTheNewestSignedRoot) {
  begin(1);
  const Digest root = service_.core().view()->head.root.roots.ccf;
  const Bytes envelope = request(0, MessageType::proposal, kPolicy);
  const auto proposed = submit_proposal(service_.core(), envelope);
  ASSERT_TRUE(proposed);
  Bytes of(root.bytes.begin(), root.bytes.end());
  append(of,
         crypto::sha256(crypto::parse_cose_sign1(envelope, crypto::CoseTag::required)->signature));
  EXPECT_EQ(proposed->submitted.proposal->id, to_hex(crypto::sha256(of)));
}

TEST_F(Govern, AnOrdinaryAnswerToARepeatedBallot) {
  begin(3);
  const std::string id = propose(0, kPolicy)->submitted.proposal->id;
  ASSERT_TRUE(vote(0, id, true));
  const std::uint64_t size = state().size;
  const auto again = vote(0, id, true);
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->submitted.changed);
  EXPECT_EQ(state().size, size);
  EXPECT_EQ(vote(0, id, false).error().why, governance::Refused::already_voted);
  EXPECT_EQ(vote(0, std::string(64, '0'), true).error().why, governance::Refused::unknown_proposal);
  EXPECT_EQ(state().size, size);
}

TEST_F(Govern, RefusalsAreTold) {
  begin(2);
  service_.governance();
  const auto stranger = governance::identity_for_testing("stranger");
  const auto by = [&](std::string_view payload, std::int64_t created_at) {
    return submit_proposal(service_.core(), Council::request_by(stranger, MessageType::proposal,
                                                                payload, {}, created_at));
  };
  EXPECT_EQ(by(kPolicy, now()).error().why, governance::Refused::unauthorized);
  EXPECT_EQ(submit_proposal(service_.core(), as_bytes("nonsense")).error().why,
            governance::Refused::undecodable);
  EXPECT_EQ(propose(0, "{}").error().why, governance::Refused::not_validated);
  EXPECT_EQ(propose(0, R"({"actions":[{"name":"no_such","args":{}}]})").error().why,
            governance::Refused::not_validated);
  const Bytes envelope = request(0, MessageType::proposal, kPolicy);
  ASSERT_TRUE(submit_proposal(service_.core(), envelope));
  EXPECT_EQ(submit_proposal(service_.core(), envelope).error().why, governance::Refused::replay);
  // Known by its headers alone: the window is looked at before the signature.
  Bytes unsigned_copy = envelope;
  unsigned_copy.back() ^= 1;
  EXPECT_EQ(submit_proposal(service_.core(), unsigned_copy).error().why,
            governance::Refused::replay);
}

TEST_F(Govern, AFrozenServiceReleasesNothing) {
  begin(3);
  const auto key = rotate_key(service_.core());
  ASSERT_TRUE(key);
  const auto frozen = propose(2, kFreeze);
  ASSERT_TRUE(frozen) << frozen.error().error.message;
  EXPECT_EQ(frozen->submitted.proposal->state, ProposalState::accepted);
  const auto released = release_key(service_.core(), service_.release_request(key->key->item.kid));
  ASSERT_FALSE(released);
  EXPECT_EQ(released.error().step, core::Refused::frozen);
  EXPECT_EQ(released.error().error.code, Code::unavailable);
}

TEST_F(Govern, BallotsAtOnceAreAllCounted) {
  constexpr std::size_t kMembers = 40;
  begin(kMembers);
  const std::string id = propose(0, kPolicy)->submitted.proposal->id;
  std::vector<Bytes> ballots;
  for (std::size_t i = 0; i < kMembers; ++i) {
    codec::json::Object ballot;
    ballot["vote"] = i % 2 == 0;  // 20 in favour: no majority
    ballots.push_back(request(i, MessageType::ballot, codec::json::write(ballot), id));
  }
  std::atomic<int> taken{0};
  std::vector<std::thread> threads;
  for (const Bytes& ballot : ballots) {
    threads.emplace_back([&] {
      for (int twice = 0; twice < 2; ++twice) {
        const auto cast = submit_ballot(service_.core(), ballot, {});
        if (cast && cast->submitted.changed) ++taken;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(taken, static_cast<int>(kMembers));
  EXPECT_EQ(state().proceedings->find(id)->ballots.size(), kMembers);
  EXPECT_EQ(state().proceedings->find(id)->state, ProposalState::open);
}

TEST_F(Govern, TheUpkeepAppliesWhatHasWaited) {
  council_.emplace(1);
  service_.governance().members = council_->folded.state->members;
  service_.governance().constitution = *governance::Constitution::from_json(
      *codec::json::parse_object(R"({"default":{"approve":"proposal","wait_seconds":60}})"));
  service_.create();
  const auto proposed = propose(0, kPolicy);
  ASSERT_TRUE(proposed) << proposed.error().error.message;
  const std::string id = proposed->submitted.proposal->id;
  EXPECT_EQ(proposed->submitted.proposal->state, ProposalState::open);
  ASSERT_TRUE(apply_due_proposals(service_.core()));
  EXPECT_EQ(state().proceedings->find(id)->state, ProposalState::open);
  service_.clock().advance(std::chrono::seconds(60));
  ASSERT_TRUE(apply_due_proposals(service_.core()));
  EXPECT_EQ(state().proceedings->find(id)->state, ProposalState::accepted);
  EXPECT_TRUE(state().governance->settings_policy);
}

TEST_F(Govern, ASnapshotKeepsTheProceedings) {
  begin(3);
  const std::string id = propose(0, kPolicy)->submitted.proposal->id;
  ASSERT_TRUE(vote(0, id, true));
  const auto read = decode_state(encode_state(state()));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->proceedings->find(id)->ballots.size(), 1U);
  EXPECT_EQ(read->signed_root, state().signed_root);
  EXPECT_EQ(encode_state(*read), encode_state(state()));
}

TEST_F(Govern, ACompromisedKeyIsNotGivenOut) {
  begin(1);
  ASSERT_TRUE(rotate_key(service_.core()));
  ASSERT_TRUE(rotate_key(service_.core()));
  const auto& keys = *state().keys;
  const auto newest = keys.newest();
  governance::State governance = *state().governance;
  EXPECT_EQ(keys.newest_exposed(governance, service_.core().now()), newest);
  governance.compromised_keys.insert(newest->item.kid);
  EXPECT_EQ(keys.newest_exposed(governance, service_.core().now()), keys.in_order.front());
  EXPECT_EQ(keys.newest_sound(governance), keys.in_order.front());
  governance.compromised_keys.insert(keys.in_order.front()->item.kid);
  EXPECT_EQ(keys.newest_exposed(governance, service_.core().now()), nullptr);
}

}  // namespace vitrine::core
