#include "policy/jwt_validation_policy.h"

#include <gtest/gtest.h>

#include "policy/policies_for_testing.h"

namespace vitrine::policy {
namespace {

const char* const kToken =
    R"({"iss":"http://Demo-jwt-issuer","name":"Cool caller","aud":["a","b"],"n":1,"ok":true,
        "groups":["g"]})";

// Empty where the token satisfies the policy, else why not.
std::string verdict(std::string_view policy, const JwtRules& rules = {}) {
  const auto status = evaluate_jwt(json_for_testing(policy), json_for_testing(kToken), rules);
  if (status) return "";
  EXPECT_EQ(status.error().code, Code::denied);
  return status.error().message;
}

TEST(JwtValidationPolicy, AcceptsATokenWhoseClaimsAllHold) {
  EXPECT_EQ(verdict(R"({"iss":"http://Demo-jwt-issuer","name":["other","Cool caller"]})"), "");
  EXPECT_EQ(verdict(R"({"n":[1],"ok":[true]})"), "");
}

TEST(JwtValidationPolicy, NamesTheClaimThatDoesNotHold) {
  EXPECT_EQ(verdict(R"({"iss":"http://Demo-jwt-issuer","name":"Other"})"),
            R"(JWT claim name: wanted "Other", found "Cool caller")");
  EXPECT_EQ(verdict(R"({"name":["a","b"]})"),
            R"(JWT claim name: wanted ["a","b"], found "Cool caller")");
  EXPECT_EQ(verdict(R"({"sub":"x"})"), R"(JWT claim sub: wanted "x", found none)");
}

TEST(JwtValidationPolicy, ComparesStrictly) {
  EXPECT_EQ(verdict(R"({"n":["1"]})"), R"(JWT claim n: wanted ["1"], found 1)");
  EXPECT_EQ(verdict(R"({"n":"1"})"), R"(JWT claim n: wanted "1", found 1)");
  EXPECT_EQ(verdict(R"({"ok":["true"]})"), R"(JWT claim ok: wanted ["true"], found true)");
  EXPECT_EQ(verdict(R"({"sub":[null]})"), R"(JWT claim sub: wanted [null], found none)");
  EXPECT_EQ(verdict(R"({"n":[1.0]})"), "");  // one number in two spellings
}

TEST(JwtValidationPolicy, NeverMatchesAnArrayButTheAudience) {
  EXPECT_EQ(verdict(R"({"groups":"g"})"), R"(JWT claim groups: wanted "g", found ["g"])");
  EXPECT_EQ(verdict(R"({"groups":[["g"]]})"), R"(JWT claim groups: wanted [["g"]], found ["g"])");
  EXPECT_EQ(verdict(R"({"aud":"b"})"), "");
  EXPECT_EQ(verdict(R"({"aud":["x","a"]})"), "");
  EXPECT_EQ(verdict(R"({"aud":"c"})"), R"(JWT claim aud: wanted "c", found ["a","b"])");
}

TEST(JwtValidationPolicy, MatchesNoAudienceArrayWhereTheRuleIsOff) {
  JwtRules rules;
  rules.audience_arrays = false;
  EXPECT_EQ(verdict(R"({"aud":"b"})", rules), R"(JWT claim aud: wanted "b", found ["a","b"])");
}

TEST(JwtValidationPolicy, AcceptsAnEmptyPolicyOnlyWhereTheRulesSaySo) {
  JwtRules open;
  open.allow_empty = true;
  EXPECT_TRUE(check_jwt_validation_policy({}, open));
  EXPECT_EQ(verdict("{}", open), "");
  const auto status = check_jwt_validation_policy({}, {});
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message,
            "JWT validation policy: no claims: it would accept every token of the issuer");
  EXPECT_EQ(verdict("{}"), "JWT validation policy: it has no claims, so it accepts no token");
}

TEST(JwtValidationPolicy, IsMadeOfTextAndArrays) {
  EXPECT_TRUE(check_jwt_validation_policy(json_for_testing(R"({"a":"b","c":[1,null,"d"]})"), {}));
  for (const auto* value : {"1", "true", "null", "{}"}) {
    const auto status =
        check_jwt_validation_policy(json_for_testing(std::string(R"({"a":)") + value + "}"), {});
    ASSERT_FALSE(status) << value;
    EXPECT_EQ(status.error().message, "JWT validation policy: a is neither text nor an array");
  }
}

}  // namespace
}  // namespace vitrine::policy
