#include "governance/constitution.h"

#include <gtest/gtest.h>

#include "governance/actions.h"
#include "governance/identities_for_testing.h"

namespace vitrine::governance {
namespace {

using std::chrono::seconds;
using Votes = std::map<std::string, bool>;

Constitution read(std::string_view json) {
  const auto constitution = Constitution::from_json(codec::json::parse_object(json).value());
  EXPECT_TRUE(constitution) << (constitution ? "" : constitution.error().message);
  return constitution.value_or(Constitution());
}
std::string refusal(std::string_view json) {
  const auto constitution = Constitution::from_json(codec::json::parse_object(json).value());
  if (constitution) return "accepted";
  EXPECT_EQ(constitution.error().code, Code::malformed);
  return constitution.error().message;
}

const Identity& anyone() {
  static const auto identity = identity_for_testing("anyone");
  return identity;
}

// Members m0, m1 …: the constitution asks for nothing but status, data and an encryption key.
State members(std::size_t count) {
  State state;
  state.settings = Settings::safe_defaults();
  for (std::size_t i = 0; i < count; ++i) {
    state.members.emplace("m" + std::to_string(i),
                          Member{anyone().certificate, MemberStatus::active, nullptr});
  }
  return state;
}
void set_data(State& state, const std::string& id, std::string_view json) {
  state.members.at(id).data = codec::json::parse(json).value();
}

Action action(std::string_view name) { return {std::string(name), {}}; }
// One that gives something: it waits.
Action loosening() { return action("set_member"); }

// Of a proposal by m0.
Verdict verdict(const Constitution& constitution, const State& state, const Votes& votes,
                const std::vector<Action>& actions = {loosening()}) {
  return constitution.resolve(state, "m0", actions, votes);
}
Decision decision(const Constitution& constitution, const State& state, const Votes& votes) {
  return verdict(constitution, state, votes).decision;
}
Votes in_favour(std::size_t count, std::size_t against = 0) {
  Votes votes;
  for (std::size_t i = 0; i < count + against; ++i) votes["m" + std::to_string(i)] = i < count;
  return votes;
}

// The fewest votes that accept, of 1 to 7 members.
std::vector<std::size_t> needed(const Constitution& constitution) {
  std::vector<std::size_t> all;
  for (std::size_t count = 1; count <= 7; ++count) {
    const State state = members(count);
    std::size_t votes = 0;
    while (votes <= count && decision(constitution, state, in_favour(votes)) == Decision::open)
      ++votes;
    all.push_back(votes);
  }
  return all;
}

TEST(Constitution, NeedsExactlyTheVotesThatItsRuleSays) {
  using Needed = std::vector<std::size_t>;
  EXPECT_EQ(needed(Constitution()), (Needed{1, 2, 2, 3, 3, 4, 4}));
  EXPECT_EQ(needed(read(R"({"default":{"approve":"2/3"}})")), (Needed{1, 2, 2, 3, 4, 4, 5}));
  EXPECT_EQ(needed(read(R"({"default":{"approve":"1/2"}})")), (Needed{1, 1, 2, 2, 3, 3, 4}));
  EXPECT_EQ(needed(read(R"({"default":{"approve":"1/1000"}})")), (Needed{1, 1, 1, 1, 1, 1, 1}));
  EXPECT_EQ(needed(read(R"({"default":{"approve":"999/1000"}})")), (Needed{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(needed(read(R"({"default":{"approve":"all"}})")), (Needed{1, 2, 3, 4, 5, 6, 7}));
  EXPECT_EQ(needed(read(R"({"default":{"approve":"proposal"}})")), (Needed{0, 0, 0, 0, 0, 0, 0}));
}

TEST(Constitution, OfTheMajorityNeverRejects) {
  EXPECT_EQ(decision(Constitution(), members(3), in_favour(0, 3)), Decision::open);
  EXPECT_EQ(decision(Constitution(), members(3), in_favour(1, 2)), Decision::open);
  EXPECT_EQ(decision(Constitution(), members(3), in_favour(2, 1)), Decision::accepted);
}

TEST(Constitution, CountsActiveMembersAlone) {
  State state = members(3);
  state.members.at("m2").status = MemberStatus::accepted;
  EXPECT_EQ(decision(Constitution(), state, {{"m0", true}, {"m2", true}}), Decision::open);
  EXPECT_EQ(decision(Constitution(), state, {{"m0", true}, {"gone", true}}), Decision::open);
  EXPECT_EQ(decision(Constitution(), state, {{"m0", true}, {"m1", true}}), Decision::accepted);
  const auto veto = Constitution::preset("veto").value();
  EXPECT_EQ(decision(veto, state, {{"m0", true}, {"m1", true}, {"m2", false}, {"gone", false}}),
            Decision::accepted);
}

TEST(Constitution, WithoutAnActiveMemberAcceptsNothing) {
  for (const auto rule : {"majority", "all", "1/2", "proposal"}) {
    const auto constitution = read(R"({"default":{"approve":")" + std::string(rule) + "\"}}");
    EXPECT_EQ(decision(constitution, members(0), {}), Decision::open) << rule;
    EXPECT_EQ(verdict(constitution, members(0), {}, {action("freeze")}).decision, Decision::open);
  }
  EXPECT_EQ(verdict(Constitution::preset("sandbox").value(), members(1), {}, {}).decision,
            Decision::open);
}

TEST(Constitution, WithAVetoIsRejectedByOneVote) {
  const auto veto = Constitution::preset("veto").value();
  EXPECT_EQ(decision(veto, members(3), in_favour(1)), Decision::open);
  EXPECT_EQ(decision(veto, members(3), in_favour(2)), Decision::accepted);
  EXPECT_EQ(decision(veto, members(3), in_favour(1, 1)), Decision::rejected);
  EXPECT_EQ(decision(veto, members(3), in_favour(2, 1)), Decision::rejected);
}

TEST(Constitution, AsksForRolesAmongThoseInFavour) {
  const auto constitution = read(R"({"default":{"roles":["legal","security"]}})");
  State state = members(4);
  set_data(state, "m0", R"({"role":"legal"})");
  set_data(state, "m1", R"({"roles":["ops","security",1]})");
  set_data(state, "m2", R"({"role":["legal"],"roles":"security"})");  // of no use in this form
  EXPECT_EQ(decision(constitution, state, {{"m0", true}, {"m2", true}, {"m3", true}}),
            Decision::open);
  EXPECT_EQ(
      decision(constitution, state, {{"m0", true}, {"m1", false}, {"m2", true}, {"m3", true}}),
      Decision::open);
  EXPECT_EQ(decision(constitution, state, {{"m0", true}, {"m1", true}}), Decision::open);
  EXPECT_EQ(decision(constitution, state, {{"m0", true}, {"m1", true}, {"m3", true}}),
            Decision::accepted);
  set_data(state, "m3", R"({"role":"legal","roles":["security"]})");  // one may have both
  EXPECT_EQ(decision(constitution, state, {{"m1", true}, {"m2", true}, {"m3", true}}),
            Decision::accepted);
}

TEST(Constitution, OfSeveralActionsAsksForAll) {
  const auto constitution = read(R"({"default":{},"actions":{
      "set_user":{"approve":"all"},"remove_user":{"veto":true},"set_member":{"roles":["legal"]}}})");
  State state = members(3);
  set_data(state, "m2", R"({"role":"legal"})");
  const auto of = [&](const std::vector<Action>& actions, const Votes& votes) {
    return verdict(constitution, state, votes, actions).decision;
  };
  EXPECT_EQ(of({action("set_user_data")}, in_favour(2)), Decision::accepted);
  EXPECT_EQ(of({action("set_user_data"), action("set_user")}, in_favour(2)), Decision::open);
  EXPECT_EQ(of({action("set_user"), action("set_user_data")}, in_favour(2)), Decision::open);
  EXPECT_EQ(of({action("set_user"), action("set_member")}, in_favour(3)), Decision::accepted);
  EXPECT_EQ(of({action("set_user_data"), action("set_member")}, in_favour(2)), Decision::open);
  EXPECT_EQ(of({action("set_member"), action("remove_user")}, in_favour(2, 1)), Decision::rejected);
}

TEST(Constitution, LetsEachActiveMemberFreeze) {
  const auto constitution = read(
      R"({"default":{"approve":"all"},"actions":{"freeze":{"approve":"all","veto":true,"roles":["x"]}}})");
  State state = members(3);
  const std::vector<Action> freeze = {action("freeze")};
  EXPECT_EQ(verdict(constitution, state, {}, freeze).decision, Decision::accepted);
  EXPECT_EQ(verdict(constitution, state, {{"m1", false}}, freeze).decision, Decision::accepted);
  // What comes with it, and who is no active member, does not get through so.
  EXPECT_EQ(verdict(constitution, state, {}, {action("freeze"), loosening()}).decision,
            Decision::open);
  EXPECT_EQ(verdict(constitution, state, {}, {action("thaw")}).decision, Decision::open);
  EXPECT_EQ(constitution.resolve(state, "a user", freeze, {}).decision, Decision::open);
  state.members.at("m0").status = MemberStatus::accepted;
  EXPECT_EQ(verdict(constitution, state, {}, freeze).decision, Decision::open);
}

TEST(Constitution, OfASandboxStillAsksAMemberAboutAUsersProposal) {
  const auto sandbox = Constitution::preset("sandbox").value();
  const State state = members(3);
  EXPECT_EQ(sandbox.resolve(state, "m1", {loosening()}, {}).decision, Decision::accepted);
  EXPECT_EQ(sandbox.resolve(state, "a user", {loosening()}, {}).decision, Decision::open);
  EXPECT_EQ(sandbox.resolve(state, "a user", {loosening()}, {{"m2", false}}).decision,
            Decision::open);
  EXPECT_EQ(sandbox.resolve(state, "a user", {loosening()}, {{"m2", true}}).decision,
            Decision::accepted);
}

TEST(Constitution, LetsAnOperatorAloneDoWhatItsRuleAllows) {
  const auto constitution = Constitution::preset("operator").value();
  State state = members(4);
  set_data(state, "m0", R"({"is_operator":true})");
  const auto of = [&](const std::string& proposer, std::string_view name) {
    return constitution.resolve(state, proposer, {action(name)}, {}).decision;
  };
  EXPECT_EQ(of("m0", "remove_node"), Decision::accepted);
  EXPECT_EQ(of("m1", "remove_node"), Decision::open);
  EXPECT_EQ(of("m0", "set_member"), Decision::open);
  state.members.at("m0").status = MemberStatus::accepted;
  EXPECT_EQ(of("m0", "remove_node"), Decision::open);
}

TEST(Constitution, MayLeaveOperatorsWithoutAnEncryptionKeyOut) {
  const auto constitution = Constitution::preset("operator").value();
  State state = members(4);
  set_data(state, "m0", R"({"is_operator":true})");
  set_data(state, "m1", R"({"is_operator":"yes"})");  // not true: no operator
  // Two of the three with a vote.
  EXPECT_EQ(decision(constitution, state, {{"m0", true}, {"m1", true}}), Decision::open);
  EXPECT_EQ(decision(constitution, state, {{"m1", true}, {"m2", true}}), Decision::accepted);
  EXPECT_EQ(decision(Constitution(), state, {{"m1", true}, {"m2", true}}), Decision::open);
  // With a share of the recovery it has a vote: three of four.
  state.members.at("m0").encryption_key =
      crypto::PrivateKey::generate(crypto::KeyKind::rsa, 2048).value().public_key();
  EXPECT_EQ(decision(constitution, state, {{"m1", true}, {"m2", true}}), Decision::open);
  EXPECT_EQ(decision(constitution, state, {{"m0", true}, {"m1", true}, {"m2", true}}),
            Decision::accepted);
}

TEST(Constitution, ByProposalAloneAsksForAProposerWithAVote) {
  const auto constitution = read(R"({"default":{"approve":"proposal"},"operators_vote":false})");
  State state = members(2);
  set_data(state, "m0", R"({"is_operator":true})");
  EXPECT_EQ(decision(constitution, state, {}), Decision::open);
  EXPECT_EQ(constitution.resolve(state, "m1", {loosening()}, {}).decision, Decision::accepted);
}

TEST(Constitution, WaitsAsLongAsTheLongestOfItsActions) {
  const auto constitution = read(R"({"default":{"wait_seconds":10},"actions":{
      "set_member":{"wait_seconds":3600},"set_user":{"wait_seconds":60}}})");
  const State state = members(1);
  const auto wait = [&](const std::vector<Action>& actions) {
    return verdict(constitution, state, in_favour(1), actions).wait;
  };
  EXPECT_EQ(wait({action("set_member")}), seconds(3600));
  EXPECT_EQ(wait({action("set_user"), action("set_member")}), seconds(3600));
  EXPECT_EQ(wait({action("set_user")}), seconds(60));
  EXPECT_EQ(wait({action("set_user_data")}), seconds(10));
  const auto open = verdict(constitution, state, {}, {action("set_member")});
  EXPECT_EQ(open.decision, Decision::open);
  EXPECT_EQ(open.wait, seconds(0));
}

TEST(Constitution, DoesNotWaitForWhatTightens) {
  const auto constitution = read(R"({"default":{"wait_seconds":3600}})");
  const State state = members(1);
  const auto wait = [&](const std::vector<Action>& actions) {
    return verdict(constitution, state, in_favour(1), actions).wait;
  };
  EXPECT_EQ(wait({action("freeze")}), seconds(0));
  EXPECT_EQ(wait({action("remove_jwt_issuer")}), seconds(0));
  EXPECT_EQ(wait({action("remove_jwt_issuer"), loosening()}), seconds(3600));
  EXPECT_EQ(wait({action("thaw")}), seconds(3600));
}

TEST(Constitution, WaitsForAnOperatorToo) {
  const auto constitution =
      read(R"({"default":{},"actions":{"set_user":{"operator_alone":true,"wait_seconds":60}}})");
  State state = members(3);
  set_data(state, "m0", R"({"is_operator":true})");
  const auto passed = verdict(constitution, state, {}, {action("set_user")});
  EXPECT_EQ(passed.decision, Decision::accepted);
  EXPECT_EQ(passed.wait, seconds(60));
}

std::string why_not(const Constitution& constitution, const State& state) {
  const auto status = constitution.check_satisfiable(state);
  if (status) return "satisfiable";
  EXPECT_EQ(status.error().code, Code::conflict);
  return status.error().message;
}

TEST(Constitution, IsSatisfiableWhereItsMembersCouldPassEveryAction) {
  State state = members(2);
  for (const auto name : {"majority", "veto", "operator", "sandbox"})
    EXPECT_EQ(why_not(Constitution::preset(name).value(), state), "satisfiable") << name;
  EXPECT_EQ(why_not(read(R"({"default":{"approve":"all"}})"), state), "satisfiable");
  const auto roles = read(R"({"default":{},"actions":{"set_user":{"roles":["legal"]}}})");
  EXPECT_EQ(why_not(roles, state),
            "constitution: set_user could never pass: no active member with a vote has the role "
            "\"legal\"");
  set_data(state, "m1", R"({"role":"legal"})");
  EXPECT_EQ(why_not(roles, state), "satisfiable");
  state.members.at("m1").status = MemberStatus::accepted;
  EXPECT_NE(why_not(roles, state), "satisfiable");
}

TEST(Constitution, IsUnsatisfiableWithoutAVoter) {
  EXPECT_EQ(why_not(Constitution(), members(0)),
            "constitution: any action without a rule of its own could never pass: no active member "
            "has a vote");
  State state = members(1);
  set_data(state, "m0", R"({"is_operator":true})");
  EXPECT_EQ(why_not(Constitution(), state), "satisfiable");
  EXPECT_NE(why_not(Constitution::preset("operator").value(), state), "satisfiable");
}

TEST(Constitution, IsSatisfiableByAnOperatorWhereThatIsTheOnlyWay) {
  const auto constitution = read(
      R"({"default":{},"actions":{"remove_node":{"operator_alone":true,"roles":["on call"]}}})");
  State state = members(2);
  EXPECT_NE(why_not(constitution, state), "satisfiable");
  set_data(state, "m1", R"({"is_operator":true})");
  EXPECT_EQ(why_not(constitution, state), "satisfiable");
  // Nobody waits for anyone's role to freeze.
  EXPECT_EQ(why_not(read(R"({"default":{},"actions":{"freeze":{"roles":["on call"]}}})"), state),
            "satisfiable");
}

TEST(Constitution, KeepsItsJson) {
  const std::string_view texts[] = {
      R"({"preset":"majority"})",
      R"({"preset":"veto"})",
      R"({"preset":"operator"})",
      R"({"preset":"sandbox"})",
      R"({"default":{"approve":"majority"},"actions":{},"operators_vote":true})",
      R"({"default":{"approve":"2/4","roles":["a","b"],"veto":true,"wait_seconds":31622400,)"
      R"("operator_alone":true},"actions":{"set_member":{"approve":"all"},)"
      R"("set_user":{"approve":"proposal"}},"operators_vote":false})",
  };
  std::vector<Constitution> all;
  for (const auto text : texts) {
    all.push_back(read(text));
    EXPECT_EQ(codec::json::write(all.back().to_json()), text);
    EXPECT_EQ(read(text), all.back());
    for (std::size_t i = 0; i + 1 < all.size(); ++i) EXPECT_FALSE(all[i] == all.back()) << text;
  }
  EXPECT_EQ(Constitution(), all[0]);
}

TEST(Constitution, IsShownAsAModule) {
  EXPECT_EQ(Constitution::preset("veto").value().to_javascript(),
            R"(// A table of what a proposal needs to pass; this service runs no scripts.
// The preset "veto".
export const constitution = {
  "default": {
    "approve": "majority",
    "veto": true
  },
  "actions": {},
  "operators_vote": true
};
)");
  EXPECT_EQ(read(R"({"default":{}})").to_javascript().find("preset"), std::string::npos);
}

// The module's table can be proposed, so its actions are known.
TEST(Constitution, OfAPresetIsATableThatCouldBeProposed) {
  for (const auto name : {"majority", "veto", "operator", "sandbox"}) {
    const auto module = Constitution::preset(name).value().to_javascript();
    const auto begin = module.find("= ") + 2;
    const auto table = read(module.substr(begin, module.rfind(";") - begin));
    EXPECT_EQ(table.to_javascript().substr(table.to_javascript().find("export")),
              module.substr(module.find("export")));
  }
}

TEST(Constitution, IsASandboxWhereAnyMemberCanChangeItAlone) {
  EXPECT_TRUE(Constitution::preset("sandbox").value().is_sandbox());
  for (const auto name : {"majority", "veto", "operator"})
    EXPECT_FALSE(Constitution::preset(name).value().is_sandbox()) << name;
  EXPECT_TRUE(read(R"({"default":{"approve":"proposal"}})").is_sandbox());
  EXPECT_TRUE(
      read(R"({"default":{},"actions":{"set_constitution":{"approve":"proposal"}}})").is_sandbox());
  EXPECT_FALSE(
      read(R"({"default":{},"actions":{"set_user":{"approve":"proposal"}}})").is_sandbox());
}

TEST(Constitution, NamesWhatIsWrongWithItsJson) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {R"({})", "constitution: it has neither preset nor default"},
      {R"({"preset":"anarchy"})", "constitution: no preset is called \"anarchy\""},
      {R"({"preset":1})", "constitution: preset is not text"},
      {R"({"preset":"veto","default":{}})", "constitution: unknown member \"default\""},
      {R"({"default":{},"rules":{}})", "constitution: unknown member \"rules\""},
      {R"({"default":[]})", "constitution: default is no object"},
      {R"({"default":{"aprove":"all"}})", "constitution: default: unknown member \"aprove\""},
      {R"({"default":{},"operators_vote":1})",
       "constitution: operators_vote is neither true nor false"},
      {R"({"default":{},"actions":[]})", "constitution: actions is no object"},
      {R"({"default":{},"actions":{"set_memer":{}}})",
       "constitution: \"set_memer\": no such action"},
      {R"({"default":{},"actions":{"set_member":1}})", "constitution: set_member is no object"},
      {R"({"default":{"veto":"yes"}})", "constitution: default: veto is neither true nor false"},
      {R"({"default":{"operator_alone":0}})",
       "constitution: default: operator_alone is neither true nor false"},
      {R"({"default":{"wait_seconds":-1}})",
       "constitution: default: wait_seconds is not an integer from 0 to 31622400"},
      {R"({"default":{"wait_seconds":31622401}})",
       "constitution: default: wait_seconds is not an integer from 0 to 31622400"},
      {R"({"default":{"wait_seconds":1.5}})",
       "constitution: default: wait_seconds is not an integer from 0 to 31622400"},
      {R"({"default":{"roles":"legal"}})", "constitution: default: roles is not a list of names"},
      {R"({"default":{"roles":["a","a"]}})", "constitution: default: roles: \"a\" stands twice"},
  };
  for (const auto& [json, message] : cases) EXPECT_EQ(refusal(json), message);
  codec::json::Array roles;
  for (int i = 0; i < 17; ++i) roles.emplace_back(std::to_string(i));
  EXPECT_EQ(refusal(R"({"default":{"roles":)" + codec::json::write(roles) + "}}"),
            "constitution: default: over 16 roles");
  EXPECT_EQ(refusal(R"({"default":{"roles":[")" + std::string(129, 'r') + R"("]}})"),
            "constitution: default: a role has over 128 bytes");
}

TEST(Constitution, ReadsFractionsInOneFormOnly) {
  for (const auto text :
       {"", "half", "Majority", "none", "0/3", "4/3", "1/0", "1/1001", "2/3/4", "02/3", "2/03",
        "+2/3", "-2/3", " 2/3", "2 /3", "2/", "/3", "0.5", "18446744073709551617/3"}) {
    EXPECT_TRUE(refusal(R"({"default":{"approve":")" + std::string(text) + "\"}}")
                    .starts_with("constitution: default: approve is not \"majority\", \"all\", "))
        << text;
  }
  EXPECT_NE(refusal(R"({"default":{"approve":1}})"), "accepted");
  EXPECT_EQ(refusal(R"({"default":{"approve":"1000/1000"}})"), "accepted");
}

}  // namespace
}  // namespace vitrine::governance
