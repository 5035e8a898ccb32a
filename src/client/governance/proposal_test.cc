#include "client/governance/proposal.h"

#include <gtest/gtest.h>

namespace vitrine::client {
namespace {

codec::json::Value list_of(const char* first, const char* second) {
  const auto item = [](const char* id) {
    return codec::json::Object{
        {"proposalId", id}, {"proposerId", "aa"}, {"proposalState", "Open"}, {"ballotCount", 1}};
  };
  return codec::json::Object{{"value", codec::json::Array{item(first), item(second)}}};
}

TEST(Proposal, IsReadWithItsVotes) {
  const auto proposal = proposal_from(*codec::json::parse(
      R"({"proposalId":"p1","proposerId":"m1","proposalState":"Failed","ballotCount":2,
          "finalVotes":{"m1":true,"m2":false},"failure":{"reason":"no"}})"));
  ASSERT_TRUE(proposal);
  EXPECT_EQ(proposal->id, "p1");
  EXPECT_EQ(proposal->state, "Failed");
  EXPECT_EQ(proposal->ballots, 2);
  EXPECT_TRUE(proposal->final_votes.at("m1"));
  EXPECT_FALSE(proposal->final_votes.at("m2"));
  EXPECT_EQ(proposal->failure, "no");
  EXPECT_FALSE(proposal_from(*codec::json::parse(R"({"proposalId":"p1"})")));
  EXPECT_FALSE(proposal_from(1));
}

TEST(Proposal, IsPickedByItsFirstDigits) {
  const auto proposals = proposals_from(list_of("abc1", "abd2"));
  ASSERT_TRUE(proposals);
  EXPECT_EQ(pick(*proposals, "abd")->id, "abd2");
  EXPECT_EQ(pick(*proposals, "ab").error().message, "proposal ab: abc1 and abd2 begin so");
  EXPECT_EQ(pick(*proposals, "abc12").error().message, "the service has no proposal abc12");
  EXPECT_EQ(pick(*proposals, "").error().code, Code::not_found);
}

TEST(Ballot, IsAConstantVote) {
  EXPECT_EQ(ballot(true),
            R"({"ballot":"export function vote (rawProposal, proposerId) { return true; }"})");
  EXPECT_NE(ballot(false).find("return false"), std::string::npos);
}

}  // namespace
}  // namespace vitrine::client
