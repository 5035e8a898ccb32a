#include "governance/fold.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "governance/council_for_testing.h"

namespace vitrine::governance {
namespace {

constexpr std::string_view kThreshold =
    R"({"actions":[{"name":"set_settings_policy","args":{"settings_policy":{"service":{"name":"a","description":"b","version":"1","debug":false}}}}]})";
constexpr std::string_view kOther =
    R"({"actions":[{"name":"set_settings_policy","args":{"settings_policy":{"service":{"name":"c","description":"b","version":"1","debug":false}}}}]})";
constexpr std::string_view kFreeze = R"({"actions":[{"name":"freeze","args":{}}]})";
constexpr std::string_view kThaw = R"({"actions":[{"name":"thaw","args":{}}]})";

std::string refusal(const Status& status) { return status ? "accepted" : status.error().message; }

codec::json::Object table(std::string_view text) { return *codec::json::parse_object(text); }

}  // namespace

TEST(Fold, AMajorityPasses) {
  Council council;
  const Digest before = council.folded.state->digest();
  ASSERT_TRUE(council.propose(0, kThreshold));
  const std::string id = council.newest();
  EXPECT_EQ(council.proposal(id).state, ProposalState::open);
  EXPECT_EQ(council.folded.state->digest(), before);
  ASSERT_TRUE(council.vote(0, id, true));
  EXPECT_EQ(council.folded.state->digest(), before);
  ASSERT_TRUE(council.vote(1, id, true));
  EXPECT_EQ(council.proposal(id).state, ProposalState::accepted);
  EXPECT_EQ(council.proposal(id).final_votes.size(), 2U);
  EXPECT_NE(council.folded.state->digest(), before);
  EXPECT_EQ(council.folded.state->settings_policy.has_value(), true);
}

TEST(Fold, TheIdIsThatOfCcf) {
  Council council;
  ASSERT_TRUE(council.propose(0, kThreshold));
  Bytes of(council.root.bytes.begin(), council.root.bytes.end());
  append(of, crypto::sha256(council.last_signature));
  EXPECT_EQ(council.newest(), to_hex(crypto::sha256(of)));
}

TEST(Fold, AVoteCountsOnce) {
  Council council;
  ASSERT_TRUE(council.propose(0, kThreshold));
  const std::string id = council.newest();
  ASSERT_TRUE(council.vote(0, id, true));
  EXPECT_FALSE(council.vote(0, id, true));  // no entry for what was said before
  EXPECT_EQ(refusal(council.vote(0, id, false)),
            "Different ballot already submitted by " + council.id(0) + " for " + id + ".");
  EXPECT_EQ(council.proposal(id).state, ProposalState::open);
  EXPECT_EQ(council.proposal(id).ballots.size(), 1U);
}

TEST(Fold, ARemovedMembersRequestsAreRefused) {
  Council council;
  ASSERT_TRUE(council.propose(0, kThreshold));
  const std::string id = council.newest();
  council.alter([&](State& state) { state.members.erase(council.id(2)); });
  EXPECT_EQ(refusal(council.vote(2, id, true)), "Signer is not a known member");
}

TEST(Fold, AVoteOfAMemberSinceRemovedDoesNotCount) {
  Council council(5);
  ASSERT_TRUE(council.propose(0, kThreshold));
  const std::string id = council.newest();
  ASSERT_TRUE(council.vote(4, id, true));
  ASSERT_TRUE(council.vote(3, id, true));
  council.alter([&](State& state) { state.members.erase(council.id(4)); });
  ASSERT_TRUE(council.vote(0, id, false));
  EXPECT_EQ(council.proposal(id).state, ProposalState::open);  // one of four
}

TEST(Fold, AWithdrawnProposalTakesNoVotes) {
  Council council;
  ASSERT_TRUE(council.propose(0, kThreshold));
  const std::string id = council.newest();
  EXPECT_EQ(refusal(council.withdraw(1, id)),
            "Proposal " + id + " can only be withdrawn by proposer " + council.id(0) +
                ", not caller " + council.id(1) + ".");
  ASSERT_TRUE(council.withdraw(0, id));
  EXPECT_EQ(council.proposal(id).state, ProposalState::withdrawn);
  EXPECT_FALSE(council.vote(1, id, true));
  EXPECT_FALSE(council.vote(1, std::string(64, '0'), true));
}

TEST(Fold, AnEnvelopeAnotherSignedIsNoEntry) {
  Council council;
  const Bytes envelope = council.request(0, MessageType::proposal, kThreshold);
  EXPECT_EQ(refusal(council.fold(ledger::Kind::proposal_submitted, council.id(1), envelope)),
            "the entry names another signer");
  Bytes forged = envelope;
  forged.back() ^= 1;
  EXPECT_EQ(refusal(council.fold(ledger::Kind::proposal_submitted, council.id(0), forged)),
            "Failed to validate COSE Sign1");
  // A ballot is no proposal.
  EXPECT_FALSE(council.fold(ledger::Kind::ballot_cast, council.id(0), envelope));
  EXPECT_TRUE(council.fold(ledger::Kind::proposal_submitted, council.id(0), envelope));
}

TEST(Fold, AReplayIsRefused) {
  Council council;
  const Bytes envelope = council.request(0, MessageType::proposal, kThreshold);
  ASSERT_TRUE(council.fold(ledger::Kind::proposal_submitted, council.id(0), envelope));
  const std::string id = council.newest();
  EXPECT_EQ(refusal(council.fold(ledger::Kind::proposal_submitted, council.id(0), envelope)),
            "Proposal submission replay, already exists as proposal " + id);
  EXPECT_TRUE(council.propose(0, kThreshold));  // the same words signed anew
}

TEST(Fold, AProposalOlderThanTheMedianIsRefused) {
  Council council;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(council.propose(0, kThreshold, Council::kNow - 10 + i));
  EXPECT_FALSE(council.propose(0, kThreshold, Council::kNow - 10));
  EXPECT_TRUE(council.propose(0, kThreshold, Council::kNow - 9));
}

TEST(Fold, AProposalOfTheFutureIsRefused) {
  Council council;
  EXPECT_FALSE(council.propose(0, kThreshold, Council::kNow + 601));
  EXPECT_TRUE(council.propose(0, kThreshold, Council::kNow + 600));
}

TEST(Fold, WhatAnotherProposalChangedDropsThisOne) {
  Council council;
  ASSERT_TRUE(council.propose(0, kThreshold));
  const std::string first = council.newest();
  ASSERT_TRUE(council.propose(1, kOther));
  const std::string second = council.newest();
  ASSERT_NE(first, second);
  ASSERT_TRUE(council.vote(0, second, true));
  ASSERT_TRUE(council.vote(1, second, true));
  EXPECT_EQ(council.proposal(second).state, ProposalState::accepted);
  EXPECT_EQ(council.proposal(first).state, ProposalState::dropped);
  EXPECT_EQ(council.proposal(first).failure,
            "proposal " + second + " changed what this one would change");
  // Decided ones are forgotten with the next decision.
  ASSERT_TRUE(council.propose(0, kThreshold));
  const std::string third = council.newest();
  ASSERT_TRUE(council.vote(0, third, true));
  ASSERT_TRUE(council.vote(1, third, true));
  EXPECT_EQ(council.folded.proceedings->proposals.size(), 1U);
}

TEST(Fold, OneMemberFreezesAndAQuorumThaws) {
  Council council;
  ASSERT_TRUE(council.propose(2, kFreeze));
  ASSERT_TRUE(council.folded.state->frozen);
  EXPECT_EQ(council.folded.state->frozen->member, council.id(2));
  ASSERT_TRUE(council.propose(2, kThaw));
  const std::string id = council.newest();
  ASSERT_TRUE(council.vote(2, id, true));
  EXPECT_TRUE(council.folded.state->frozen);
  ASSERT_TRUE(council.vote(0, id, true));
  EXPECT_FALSE(council.folded.state->frozen);
}

TEST(Fold, AWaitingTimeEndsWithAnEntry) {
  Council council;
  council.alter([&](State& state) {
    state.constitution =
        *Constitution::from_json(table(R"({"default":{"approve":"majority","wait_seconds":60}})"));
  });
  ASSERT_TRUE(council.propose(0, kThreshold));
  const std::string id = council.newest();
  ASSERT_TRUE(council.vote(0, id, true));
  EXPECT_FALSE(council.apply(id));
  ASSERT_TRUE(council.vote(1, id, true));
  EXPECT_EQ(council.proposal(id).state, ProposalState::open);
  ASSERT_TRUE(council.proposal(id).takes_effect);
  EXPECT_EQ(*council.proposal(id).takes_effect, council.now + std::chrono::seconds(60));
  EXPECT_FALSE(council.folded.state->settings_policy);

  council.now += std::chrono::seconds(59);
  EXPECT_FALSE(council.apply(id));
  EXPECT_TRUE(due_proposals(*council.folded.proceedings, council.now).empty());
  council.now += std::chrono::seconds(1);
  EXPECT_EQ(due_proposals(*council.folded.proceedings, council.now), std::vector<std::string>{id});
  ASSERT_TRUE(council.apply(id));
  EXPECT_EQ(council.proposal(id).state, ProposalState::accepted);
  EXPECT_TRUE(council.folded.state->settings_policy);
  EXPECT_FALSE(council.apply(id));
}

TEST(Fold, AWaitingProposalCanBeWithdrawn) {
  Council council;
  council.alter([&](State& state) {
    state.constitution =
        *Constitution::from_json(table(R"({"default":{"approve":"majority","wait_seconds":60}})"));
  });
  ASSERT_TRUE(council.propose(0, kThreshold));
  const std::string id = council.newest();
  ASSERT_TRUE(council.vote(0, id, true));
  ASSERT_TRUE(council.vote(1, id, true));
  ASSERT_TRUE(council.withdraw(0, id));
  council.now += std::chrono::seconds(60);
  EXPECT_FALSE(council.apply(id));
  EXPECT_FALSE(council.folded.state->settings_policy);
}

TEST(Fold, AVetoRejects) {
  Council council;
  council.alter([&](State& state) { state.constitution = *Constitution::preset("veto"); });
  ASSERT_TRUE(council.propose(0, kThreshold));
  const std::string id = council.newest();
  ASSERT_TRUE(council.vote(2, id, false));
  EXPECT_EQ(council.proposal(id).state, ProposalState::rejected);
  EXPECT_FALSE(council.vote(1, id, true));
}

TEST(Fold, TooManyOpenProposalsOfOneMember) {
  Council council;
  for (std::size_t i = 0; i < kOpenProposalsPerProposerMax; ++i)
    ASSERT_TRUE(council.propose(0, kThreshold));
  EXPECT_EQ(refusal(council.propose(0, kThreshold)),
            "20 proposals of this proposer are open already");
  EXPECT_TRUE(council.propose(1, kThreshold));
  // To freeze is decided at once and needs no room.
  EXPECT_TRUE(council.propose(0, kFreeze));
  EXPECT_TRUE(council.folded.state->frozen);
}

TEST(Fold, AnAckMakesAMemberActive) {
  Council council;
  council.alter([&](State& state) {
    state.members.find(council.id(1))->second.status = MemberStatus::accepted;
  });
  const auto ack = [&](std::string_view digest) {
    codec::json::Object body;
    body["stateDigest"] = digest;
    return council.fold(ledger::Kind::member_acked, council.id(1),
                        council.request(1, MessageType::ack, codec::json::write(body)));
  };
  EXPECT_EQ(refusal(ack(to_hex(council.root))), "ack: no state digest was asked for");
  ASSERT_TRUE(council.fold(ledger::Kind::state_digest_updated, council.id(1),
                           council.request(1, MessageType::state_digest, {})));
  EXPECT_EQ(refusal(ack(to_hex(council.genesis_hash))),
            "ack: this is not the state digest that the member was given");
  EXPECT_EQ(refusal(council.propose(1, kThreshold)), "Signer is not an ACTIVE member");
  ASSERT_TRUE(ack(to_hex(council.root)));
  EXPECT_EQ(council.folded.state->active_members(), 3U);
  EXPECT_TRUE(council.propose(1, kThreshold));
}

TEST(Fold, RefreshedKeysReplaceThoseOfTheirIssuerAlone) {
  const auto key = [](std::string_view kid, std::string_view of) {
    const auto made = crypto::PrivateKey::generate(crypto::KeyKind::ec_p256).value();
    auto json = crypto::jwk_to_json(made.public_key(), kid, crypto::JwsAlgorithm::es256);
    if (!of.empty()) json["issuer"] = of;
    return json;
  };
  const auto set = [](std::initializer_list<codec::json::Object> keys) {
    codec::json::Array list;
    for (const auto& each : keys) list.push_back(each);
    return to_bytes(as_bytes(codec::json::write(codec::json::Object{{"keys", std::move(list)}})));
  };
  Council council;
  council.alter([&](State& state) {
    state.issuers["https://a"].auto_refresh = true;
    state.issuers["https://given"].keys =
        crypto::jwks_from_json(table(as_text(set({key("g", "")})))).value();
  });
  const auto refresh = [&](const std::string& issuer, const Bytes& jwks, const Bytes& blob) {
    ledger::Leaf leaf;
    leaf.kind = ledger::Kind::issuer_keys_refreshed;
    leaf.public_part = ledger::encode(
        ledger::IssuerKeysRefreshed{issuer, ledger::blob_ref(jwks, "application/jwk-set+json")});
    return council.fold_leaf(leaf, blob);
  };
  const Bytes mixed = set({key("1", ""), key("2", "https://b"), key("3", "https://a")});
  ASSERT_TRUE(refresh("https://a", mixed, mixed));
  const auto& keys = council.folded.state->issuers.find("https://a")->second.keys;
  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].kid, "1");
  EXPECT_EQ(keys[1].kid, "3");
  const Bytes of_another = set({key("4", "https://b")});
  EXPECT_EQ(refusal(refresh("https://a", of_another, of_another)),
            "jwks: none of its keys signs tokens of this issuer; 1 say another issuer");
  EXPECT_FALSE(refresh("https://a", mixed, of_another)) << "not the blob it names";
  EXPECT_EQ(refusal(refresh("https://given", mixed, mixed)),
            "issuer_keys_refreshed: no such issuer whose keys are refreshed");
  EXPECT_FALSE(refresh("https://nobody", mixed, mixed));
  EXPECT_EQ(council.folded.state->issuers.find("https://given")->second.keys[0].kid, "g");
}

TEST(Fold, ProceedingsReadBackFromTheirEncoding) {
  Council council;
  ASSERT_TRUE(council.propose(0, kThreshold));
  ASSERT_TRUE(council.propose(1, kOther));
  ASSERT_TRUE(council.vote(0, council.newest(), true));
  ASSERT_TRUE(council.fold(ledger::Kind::state_digest_updated, council.id(1),
                           council.request(1, MessageType::state_digest, {})));
  auto proceedings = *council.folded.proceedings;
  proceedings.demand({DutyKind::rekey, 7, council.now, 30});
  proceedings.nodes["n"] = {"Trusted", {1, 2}};
  const auto read = Proceedings::from_cbor(proceedings.to_cbor());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(codec::cbor::encode(read->to_cbor()), codec::cbor::encode(proceedings.to_cbor()));
  EXPECT_EQ(read->proposals.size(), 2U);
  EXPECT_EQ(read->due(DutyKind::rekey)->days, 30U);
  EXPECT_EQ(read->due(DutyKind::make_key), nullptr);
}

}  // namespace vitrine::governance
