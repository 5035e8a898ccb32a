#include "service/gov_documents.h"

#include <gtest/gtest.h>

#include "governance/identities_for_testing.h"

namespace vitrine::service {
namespace {

using governance::Proposal;
using governance::ProposalState;

std::string text(const codec::json::Object& object) { return codec::json::write(object); }

Proposal proposal_in(ProposalState state) {
  Proposal proposal;
  proposal.id = "p1";
  proposal.proposer = "m1";
  proposal.state = state;
  proposal.ballots["m1"] = {true, "for"};
  proposal.ballots["m2"] = {false, "against"};
  return proposal;
}

TEST(GovDocuments, TellVotesOnceTheyHaveDecided) {
  EXPECT_EQ(text(proposal_document(proposal_in(ProposalState::open))),
            R"({"proposalId":"p1","proposerId":"m1","proposalState":"Open","ballotCount":2})");
  for (const auto state : {ProposalState::withdrawn, ProposalState::dropped}) {
    const auto document = proposal_document(proposal_in(state));
    EXPECT_FALSE(document.contains("finalVotes")) << governance::name_of(state);
    EXPECT_FALSE(classic_proposal(proposal_in(state)).contains("final_votes"));
  }
  for (const auto state :
       {ProposalState::accepted, ProposalState::rejected, ProposalState::failed}) {
    Proposal proposal = proposal_in(state);
    proposal.final_votes = {{"m1", true}, {"m2", false}};
    EXPECT_EQ(text(proposal_document(proposal)),
              R"({"proposalId":"p1","proposerId":"m1","proposalState":")" +
                  std::string(governance::name_of(state)) +
                  R"(","ballotCount":2,"finalVotes":{"m1":true,"m2":false},"voteFailures":{}})");
  }
}

TEST(GovDocuments, SayWhyAProposalFailedAndWhenOneTakesEffect) {
  Proposal failed = proposal_in(ProposalState::failed);
  failed.failure = "why";
  EXPECT_EQ(text(proposal_document(failed).at("failure").get_object()), R"({"reason":"why"})");
  Proposal waits = proposal_in(ProposalState::open);
  waits.takes_effect = from_unix_seconds(1'795'340'519);
  EXPECT_EQ(proposal_document(waits).at("takesEffect"), "2026-11-22T09:41:59Z");
  EXPECT_EQ(classic_summary(waits).at("takes_effect"), "2026-11-22T09:41:59Z");
}

TEST(GovDocuments, NameThingsTheClassicWayInTheClassicForm) {
  Proposal proposal = proposal_in(ProposalState::accepted);
  proposal.final_votes = {{"m1", true}};
  EXPECT_EQ(
      text(classic_summary(proposal)),
      R"({"proposal_id":"p1","proposer_id":"m1","state":"Accepted","ballot_count":2,"votes":{"m1":true},"vote_failures":{}})");
  EXPECT_EQ(
      text(classic_proposal(proposal)),
      R"({"proposer_id":"m1","state":"Accepted","ballots":{"m1":"for","m2":"against"},"final_votes":{"m1":true},"vote_failures":{}})");
}

TEST(GovDocuments, TellTheStatusOfMembersAndOfTheService) {
  governance::State state;
  EXPECT_EQ(service_status(state), "Open");
  EXPECT_TRUE(frozen_document(state).is_null());
  state.opening = true;
  state.frozen = governance::Frozen{"m1", from_unix_seconds(0)};
  EXPECT_EQ(service_status(state), "Opening");
  EXPECT_EQ(codec::json::write(frozen_document(state)),
            R"({"member":"m1","since":"1970-01-01T00:00:00Z"})");

  governance::Member member{governance::identity_for_testing("alice").certificate};
  EXPECT_EQ(member_document("m1", member).at("status"), "Active");
  EXPECT_EQ(member_document("m1", member).at("recoveryRole"), "NonParticipant");
  EXPECT_FALSE(member_document("m1", member).contains("publicEncryptionKey"));
  member.status = governance::MemberStatus::accepted;
  EXPECT_EQ(member_document("m1", member).at("status"), "Accepted");
}

TEST(GovDocuments, TellWhomTheJoinPolicyLetsIn) {
  governance::JoinPolicy policy;
  policy.snp_measurements = {"aa"};
  policy.snp_host_data = {{"bb", "policy"}};
  policy.snp_uvm_endorsements = {{"did:x509:1", {{"feed", "7"}}}};
  policy.snp_tcb_versions = {{"00a00f11", "d318000000000004"}, {"00b00f21", "0102030405060708"}};
  EXPECT_EQ(
      text(join_policy_document(policy).at("snp").get_object()),
      R"({"measurements":["aa"],"hostData":{"bb":"policy"},)"
      R"("uvmEndorsements":{"did:x509:1":{"feed":{"svn":"7"}}},"tcbVersions":{)"
      R"("00a00f11":{"hexstring":"d318000000000004","microcode":211,"snp":24,"tee":0,"boot_loader":4},)"
      R"("00b00f21":{"hexstring":"0102030405060708","microcode":1,"snp":5,"tee":6,"boot_loader":7,"fmc":8}}})");
}

}  // namespace
}  // namespace vitrine::service
