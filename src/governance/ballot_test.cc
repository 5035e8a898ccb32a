#include "governance/ballot.h"

#include <gtest/gtest.h>

#include "codec/json.h"

namespace vitrine::governance {
namespace {

constexpr std::string_view kAccepted =
    R"(; accepted are {"vote": true}, {"vote": false} and {"ballot": "export function vote )"
    R"((rawProposal, proposerId) { return true }"} or the same with false)";

std::string ballot_of(std::string_view script) {
  codec::json::Object ballot;
  ballot["ballot"] = script;
  return codec::json::write(ballot);
}

std::string refusal(std::string_view payload) {
  const auto ballot = read_ballot(payload);
  if (ballot) return "accepted";
  EXPECT_EQ(ballot.error().code, Code::malformed);
  return ballot.error().message;
}

TEST(Ballot, IsTheScriptThatTheToolsSend) {
  const std::string script = "export function vote (proposal, proposerId) { return true }";
  const auto ballot = read_ballot(ballot_of(script));
  ASSERT_TRUE(ballot) << ballot.error().message;
  EXPECT_TRUE(ballot->in_favour);
  EXPECT_EQ(ballot->script, script);
  const auto against = read_ballot(ballot_of("export function vote (p, i) { return false }"));
  ASSERT_TRUE(against);
  EXPECT_FALSE(against->in_favour);
}

TEST(Ballot, IsAPlainVote) {
  for (const bool in_favour : {true, false}) {
    const auto ballot = read_ballot(in_favour ? R"({"vote": true})" : R"({"vote": false})");
    ASSERT_TRUE(ballot);
    EXPECT_EQ(ballot->in_favour, in_favour);
    EXPECT_EQ(ballot->script, constant_vote(in_favour));
    EXPECT_EQ(read_constant_vote(ballot->script).value(), in_favour);
  }
}

TEST(Ballot, IsReadInEachFormOfAConstantVote) {
  const std::string_view scripts[] = {
      "export function vote(rawProposal,proposerId){return true;}",
      "export function vote () { return true }",
      "export function vote (proposal, proposerId,) { return true; };\n",
      "\n  export\n  function vote\n  (\n  proposal\n  ,\n  $id_2\n  )\n  {\n  return true\n  }\n",
      "export function vote (p) {\r\n\treturn true;;\r\n}\r\n",
      "// I am for it\nexport function vote (p) { /* as * agreed */ return /* yes */ true; // "
      "done\n}",
      "/* caf\xc3\xa9 */ export function vote (p) { return true }",
      "export const vote = (proposal, proposerId) => true;",
      "export const vote = proposal => true",
      "export let vote = () => { return true; };",
      "export var vote = function (proposal) { return true }",
      "export const vote = function decide (proposal) { return true };",
      "function vote (p) { return true } export { vote };",
      "const vote = (p) => true; export { vote }",
      "const vote = (p) => true\nexport { vote }",
  };
  for (const auto script : scripts) {
    const auto vote = read_constant_vote(script);
    ASSERT_TRUE(vote) << script << ": " << vote.error().message;
    EXPECT_TRUE(*vote) << script;
    std::string against(script);
    against.replace(against.find("true"), 4, "false");
    ASSERT_TRUE(read_constant_vote(against)) << against;
    EXPECT_FALSE(*read_constant_vote(against)) << against;
  }
}

TEST(Ballot, IsRefusedWhereAnInterpreterWouldBeNeeded) {
  const std::pair<std::string_view, std::string_view> scripts[] = {
      {"", "the script ends too early"},
      {"export function vote (p) { return true", "the script ends too early"},
      {"export function vote (p) { return true } /* and", "the script has a comment without end"},
      {"export function vote (p) { return p }", "unexpected \"p\" at byte 34 of the script"},
      {"export function vote (p) { return }", "unexpected \"}\" at byte 34 of the script"},
      {"export function vote (p) { }", "unexpected \"}\" at byte 27 of the script"},
      {"export function vote (p) { return !0 }", "unexpected \"!\" at byte 34 of the script"},
      {"export function vote (p) { return 1 }", "unexpected \"1\" at byte 34 of the script"},
      {"export function vote (p) { return \"true\" }",
       "unexpected \"\"\" at byte 34 of the script"},
      {"export function vote (p) { return true && false }",
       "unexpected \"&\" at byte 39 of the script"},
      {"export function vote (p) { return true, false }",
       "unexpected \",\" at byte 38 of the script"},
      {"export function vote (p) { if (p) return true; return false }",
       "unexpected \"if\" at byte 27 of the script"},
      {"export function vote (p) { return true; return false }",
       "unexpected \"return\" at byte 40 of the script"},
      {"export function vote (p = q) { return true }", "unexpected \"=\" at byte 24 of the script"},
      {"export function vote ({p}) { return true }", "unexpected \"{\" at byte 22 of the script"},
      {"export function vote (...p) { return true }", "unexpected \".\" at byte 22 of the script"},
      {"export async function vote (p) { return true }",
       "unexpected \"async\" at byte 7 of the script"},
      {"export default function vote (p) { return true }",
       "unexpected \"default\" at byte 7 of the script"},
      {"export function* vote (p) { return true }", "unexpected \"*\" at byte 15 of the script"},
      {"export const vote = (p) => { true }", "unexpected \"true\" at byte 29 of the script"},
      {"import x; export function vote (p) { return true }",
       "unexpected \"import\" at byte 0 of the script"},
      {"export function \xd0\xb5 (p) { return true }",
       "unexpected \"??\" at byte 16 of the script"},
  };
  for (const auto& [script, why] : scripts) {
    EXPECT_EQ(refusal(ballot_of(script)),
              "ballot: it is no constant vote: " + std::string(why) + std::string(kAccepted));
  }
}

TEST(Ballot, IsRefusedWhereItWouldNotRun) {
  const std::string_view scripts[] = {
      "function vote (p) { return true }",         // nothing is exported
      "export function Vote (p) { return true }",  // CCF asks for `vote`
      "function vote (p) { return true } export { p }",
      "export function vote (p, p) { return true }",  // modules are strict code
      "export function vote (eval) { return true }",
      "export function vote (return) { return true }",
      "export function vote (p q) { return true }",
      "export function vote (,) { return true }",
      "export const vote = (p) => true export { vote }",
      "export const vote = (p)\n=> true",
      "export const vote = return => true",
      "export const vote",
      "exportfunction vote (p) { return true }",
      "export function vote (p) { returntrue }",
      "export function vote (p) { return true }}",
      "export function vote (p) { return true } export function vote (p) { return false }",
      "export function vote (p) { return TRUE }",
  };
  for (const auto script : scripts) EXPECT_FALSE(read_constant_vote(script)) << script;
}

// A line that ends after `return` ends the statement: the function returns nothing, which is no
// vote in favour.
TEST(Ballot, IsNotReadPastALineThatEndsAfterReturn) {
  for (const std::string_view between :
       {"\n", "\r", " // so\n ", "/* a\n b */", "\xe2\x80\xa8", "/* \xe2\x80\xa9 */"}) {
    const std::string script =
        "export function vote (p) { return" + std::string(between) + "true }";
    EXPECT_FALSE(read_constant_vote(script)) << script;
  }
  EXPECT_TRUE(read_constant_vote("export function vote (p) { return/* a b */true }"));
}

// In JavaScript a comment ends there, and what follows would run.
TEST(Ballot, IsRefusedWithAUnicodeLineSeparator) {
  const auto vote =
      read_constant_vote("export function vote (p) { // \xe2\x80\xa8 return false\n return true }");
  ASSERT_FALSE(vote);
  EXPECT_EQ(vote.error().message, "a Unicode line separator at byte 30 of the script");
}

TEST(Ballot, HasOneMemberOfTheRightType) {
  const std::pair<std::string_view, std::string_view> payloads[] = {
      {"", "JSON: "},
      {"[]", "JSON: "},
      {"{}", "it has to have one member, vote or ballot"},
      {R"({"vote":true,"ballot":"x"})", "it has to have one member, vote or ballot"},
      {R"({"vote":true,"vote":true})", "JSON: "},
      {R"({"Vote":true})", "it has neither vote nor ballot"},
      {R"({"vote":"true"})", "vote is neither true nor false"},
      {R"({"vote":1})", "vote is neither true nor false"},
      {R"({"ballot":true})", "ballot is not text"},
  };
  for (const auto& [payload, why] : payloads) {
    const auto message = refusal(payload);
    EXPECT_TRUE(message.starts_with("ballot: " + std::string(why))) << payload << ": " << message;
    EXPECT_TRUE(message.ends_with(kAccepted)) << message;
  }
}

TEST(Ballot, HasAScriptOfBoundedSize) {
  std::string script = constant_vote(true);
  script.resize(kBallotScriptBytesMax, '\n');
  EXPECT_TRUE(read_constant_vote(script));
  script += '\n';
  const auto vote = read_constant_vote(script);
  ASSERT_FALSE(vote);
  EXPECT_EQ(vote.error().message, "the script has 16385 bytes, over 16384");
}

}  // namespace
}  // namespace vitrine::governance
