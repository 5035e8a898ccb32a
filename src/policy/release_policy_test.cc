#include "policy/release_policy.h"

#include <gtest/gtest.h>

#include "policy/policies_for_testing.h"

namespace vitrine::policy {
namespace {

const char* const kAdd =
    R"({"service":"s","gte":{"x-ms-ver":"2"},"gt":{"x-ms-ver":"1"},"type":"add",
        "claims":{"x-ms-ver":["2","3"],"x-ms-sevsnpvm-smt-allowed":true,
                  "x-ms-sevsnpvm-is-debuggable":false}})";

std::string shown(const ReleasePolicy& policy) { return codec::json::write(policy.to_json()); }

// Applies args that must be refused, and gives the message.
std::string refusal(ReleasePolicy policy, std::string_view args) {
  const auto before = shown(policy);
  const auto status = policy.apply(json_for_testing(args));
  EXPECT_FALSE(status.has_value()) << args;
  EXPECT_EQ(shown(policy), before) << "changed by a refused action";
  return status ? "" : status.error().message;
}

TEST(ReleasePolicy, ShowsWhatWasAddedAsThePeersDo) {
  EXPECT_EQ(
      shown(policy_for_testing(kAdd)),
      R"({"type":"add","claims":{"x-ms-ver":["2","3"],"x-ms-sevsnpvm-smt-allowed":[true],)"
      R"("x-ms-sevsnpvm-is-debuggable":[false]},"gte":{"x-ms-ver":"2"},"gt":{"x-ms-ver":"1"}})");
}

TEST(ReleasePolicy, ShowsNoOperatorThatWasNeverSet) {
  EXPECT_EQ(shown(policy_for_testing(R"({"type":"add","claims":{}})")),
            R"({"type":"add","claims":{}})");
}

TEST(ReleasePolicy, MergesValuesInOrderWithoutDuplicates) {
  auto policy = policy_for_testing(R"({"type":"add","claims":{"x-ms-ver":["2","3"]}})");
  ASSERT_TRUE(policy.apply(json_for_testing(
      R"({"type":"add","claims":{"x-ms-ver":["4","3"],"x-ms-sevsnpvm-vmpl":0}})")));
  EXPECT_EQ(shown(policy),
            R"({"type":"add","claims":{"x-ms-ver":["2","3","4"],"x-ms-sevsnpvm-vmpl":[0]}})");
}

TEST(ReleasePolicy, KeepsANumberAndItsTextApart) {
  auto policy = policy_for_testing(R"({"type":"add","claims":{"x-ms-ver":["2",2]}})");
  EXPECT_EQ(shown(policy), R"({"type":"add","claims":{"x-ms-ver":["2",2]}})");
  ASSERT_TRUE(policy.apply(json_for_testing(R"({"type":"remove","claims":{"x-ms-ver":"2"}})")));
  EXPECT_EQ(shown(policy), R"({"type":"add","claims":{"x-ms-ver":[2]}})");
}

TEST(ReleasePolicy, OverwritesAnOperatorThatIsAddedAgain) {
  auto policy = policy_for_testing(R"({"type":"add","claims":{},"gte":{"x-ms-ver":"2"}})");
  ASSERT_TRUE(policy.apply(json_for_testing(R"({"type":"add","claims":{},"gte":{"x-ms-ver":3}})")));
  EXPECT_EQ(shown(policy), R"({"type":"add","claims":{},"gte":{"x-ms-ver":3}})");
}

TEST(ReleasePolicy, RemovesValuesAndKeepsTheOrderOfTheRest) {
  auto policy = policy_for_testing(kAdd);
  ASSERT_TRUE(policy.apply(
      json_for_testing(R"({"service":"s","type":"remove","claims":{"x-ms-ver":["2","3"]},)"
                       R"("gte":{"x-ms-ver":"anything"},"gt":{"x-ms-ver":null}})")));
  EXPECT_EQ(shown(policy), R"({"type":"add","claims":{"x-ms-sevsnpvm-smt-allowed":[true],)"
                           R"("x-ms-sevsnpvm-is-debuggable":[false]},"gte":{},"gt":{}})");
}

TEST(ReleasePolicy, IgnoresAValueToRemoveThatIsNotThere) {
  auto policy = policy_for_testing(R"({"type":"add","claims":{"x-ms-ver":["2","3"]}})");
  ASSERT_TRUE(
      policy.apply(json_for_testing(R"({"type":"remove","claims":{"x-ms-ver":["9","2"]}})")));
  EXPECT_EQ(shown(policy), R"({"type":"add","claims":{"x-ms-ver":["3"]}})");
}

TEST(ReleasePolicy, RefusesToRemoveWhatIsNotThere) {
  EXPECT_EQ(refusal({}, R"({"type":"remove","claims":{}})"),
            "release policy: nothing to remove, no policy was ever set");
  const auto policy = policy_for_testing(kAdd);
  EXPECT_EQ(refusal(policy, R"({"type":"remove","claims":{"x-ms-sevsnpvm-vmpl":0}})"),
            R"(release policy: claims: "x-ms-sevsnpvm-vmpl" is not in the policy)");
  EXPECT_EQ(refusal(policy, R"({"type":"remove","claims":{},"gte":{"x-ms-sevsnpvm-vmpl":0}})"),
            R"(release policy: gte: "x-ms-sevsnpvm-vmpl" is not in the policy)");
  EXPECT_EQ(refusal(policy, R"({"type":"remove","claims":{},"lt":{"x-ms-ver":0}})"),
            R"(release policy: lt: "x-ms-ver" is not in the policy)");
}

TEST(ReleasePolicy, RemovesFromAnEmptiedPolicyOnlyWhatIsThere) {
  auto policy = policy_for_testing(R"({"type":"add","claims":{"x-ms-ver":"2"}})");
  ASSERT_TRUE(policy.apply(json_for_testing(R"({"type":"remove","claims":{"x-ms-ver":"2"}})")));
  ASSERT_TRUE(policy.apply(json_for_testing(R"({"type":"remove","claims":{}})")));
  EXPECT_EQ(refusal(policy, R"({"type":"remove","claims":{"x-ms-ver":"2"}})"),
            R"(release policy: claims: "x-ms-ver" is not in the policy)");
}

TEST(ReleasePolicy, RefusesArgsThatAreNoPolicy) {
  EXPECT_EQ(refusal({}, R"({"claims":{}})"), "release policy: type is not text");
  EXPECT_EQ(refusal({}, R"({"type":"replace","claims":{}})"),
            R"(release policy: type is "replace", not "add" or "remove")");
  EXPECT_EQ(refusal({}, R"({"type":"add"})"), "release policy: claims is not an object");
  EXPECT_EQ(refusal({}, R"({"type":"add","claims":[]})"),
            "release policy: claims is not an object");
  EXPECT_EQ(refusal({}, R"({"type":"add","claims":{},"gte":[]})"),
            "release policy: gte is not an object");
}

TEST(ReleasePolicy, RefusesAMemberItDoesNotKnowAndHintsAtTheNearest) {
  ReleasePolicy policy;
  const auto status = policy.apply(json_for_testing(R"({"type":"add","claims":{},"profile":[]})"));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message, R"(release policy: unknown member "profile")");
  EXPECT_EQ(status.error().hint, R"(did you mean "profiles"?)");
}

TEST(ReleasePolicy, RefusesAClaimItDoesNotKnowAndHintsAtTheNearest) {
  ReleasePolicy policy;
  const auto status =
      policy.apply(json_for_testing(R"({"type":"add","claims":{"x-ms-sevsnpvm-host-data":"a"}})"));
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message,
            R"(release policy: claims: unknown claim "x-ms-sevsnpvm-host-data")");
  EXPECT_EQ(status.error().hint, R"(did you mean "x-ms-sevsnpvm-hostdata"?)");
  EXPECT_EQ(refusal({}, R"({"type":"add","claims":{},"gt":{"toString":1}})"),
            R"(release policy: gt: unknown claim "toString")");
}

TEST(ReleasePolicy, RefusesValuesOfNoType) {
  for (const auto* value : {"null", "[null]", "{}", "[[1]]", "1.5", "[{}]"}) {
    EXPECT_EQ(refusal({}, std::string(R"({"type":"add","claims":{"x-ms-ver":)") + value + "}}"),
              "release policy: claims.x-ms-ver: a value is neither text, integer nor truth value");
  }
  EXPECT_EQ(refusal({}, R"({"type":"add","claims":{"x-ms-ver":[]}})"),
            "release policy: claims.x-ms-ver: no values");
}

TEST(ReleasePolicy, RefusesAnOperatorValueThatIsNoNumber) {
  for (const auto* value : {"null", "[2]", "\"\"", "\"3x\"", "\"03\"", "1.5", "true", "{}",
                            "\"99999999999999999999\""}) {
    EXPECT_EQ(
        refusal({}, std::string(R"({"type":"add","claims":{},"lte":{"x-ms-ver":)") + value + "}}"),
        "release policy: lte.x-ms-ver: the value is neither an integer nor text that is one");
  }
  EXPECT_EQ(refusal(policy_for_testing(kAdd),
                    R"({"type":"remove","claims":{},"gte":{"x-ms-ver":["2"]}})"),
            "release policy: gte.x-ms-ver: the value is an array");
}

TEST(ReleasePolicy, RefusesMoreValuesThanItWouldCompare) {
  std::string values;
  for (int i = 0; i < 1025; ++i) values += (i == 0 ? "" : ",") + std::to_string(i);
  EXPECT_EQ(refusal({}, R"({"type":"add","claims":{"x-ms-ver":[)" + values + "]}}"),
            "release policy: claims.x-ms-ver: more than 1024 values");
  auto policy = policy_for_testing(R"({"type":"add","claims":{"x-ms-ver":[)" +
                                   values.substr(0, values.size() - 5) + "]}}");
  EXPECT_EQ(refusal(policy, R"({"type":"add","claims":{"x-ms-ver":[5000]}})"),
            "release policy: claims.x-ms-ver: more than 1024 values");
}

TEST(ReleasePolicy, ReplacesItsConditionsAndShowsThemWhenSet) {
  auto policy = policy_for_testing(
      R"({"type":"add","claims":{},"lt":{"x-ms-ver":9},"profiles":["snp-aci","snp"],
          "freshness":"nonce","allow_unbound":true,"gte":{}})");
  EXPECT_EQ(
      shown(policy),
      R"({"type":"add","claims":{},"gte":{},"profiles":["snp-aci","snp"],"freshness":"nonce",)"
      R"("allow_unbound":true,"lt":{"x-ms-ver":9}})");
  ASSERT_TRUE(policy.apply(json_for_testing(
      R"({"type":"add","claims":{},"profiles":["snp"],"freshness":"none","allow_unbound":false})")));
  EXPECT_EQ(shown(policy),
            R"({"type":"add","claims":{},"gte":{},"profiles":["snp"],"freshness":"none",)"
            R"("allow_unbound":false,"lt":{"x-ms-ver":9}})");
}

TEST(ReleasePolicy, RefusesConditionsItDoesNotUnderstand) {
  EXPECT_EQ(refusal({}, R"({"type":"add","claims":{},"profiles":[]})"),
            "release policy: profiles is not a list of at least one name");
  EXPECT_EQ(refusal({}, R"({"type":"add","claims":{},"profiles":[1]})"),
            "release policy: profiles: a name is not text");
  EXPECT_EQ(refusal({}, R"({"type":"add","claims":{},"profiles":["snp","snp"]})"),
            R"(release policy: profiles: "snp" stands twice)");
  EXPECT_EQ(refusal({}, R"({"type":"add","claims":{},"freshness":"new"})"),
            R"(release policy: freshness is not "none", "age" or "nonce")");
  EXPECT_EQ(refusal({}, R"({"type":"add","claims":{},"allow_unbound":"true"})"),
            "release policy: allow_unbound is neither true nor false");
  EXPECT_EQ(
      refusal(policy_for_testing(kAdd), R"({"type":"remove","claims":{},"freshness":"none"})"),
      "release policy: freshness can't be removed");
}

TEST(ReleasePolicy, ReadsBackWhatItShows) {
  for (const auto* args :
       {kAdd, R"({"type":"add","claims":{}})", R"({"type":"add","claims":{},"lt":{}})",
        R"({"type":"add","claims":{"x-ms-ver":[2,"2",true]},"lte":{"x-ms-ver":1},
            "profiles":["snp"],"freshness":"age","allow_unbound":true})"}) {
    const auto policy = policy_for_testing(args);
    const auto read = ReleasePolicy::from_json(policy.to_json());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(shown(*read), shown(policy));
  }
}

TEST(ReleasePolicy, DoesNotReadWhatItWouldNotHaveWritten) {
  for (const auto* stored :
       {R"({"type":"remove","claims":{}})", R"({"type":"add","claims":{"x-ms-ver":"2"}})",
        R"({"claims":{},"type":"add"})", R"({"type":"add","claims":{"x-ms-ver":["2","2"]}})",
        R"({"type":"add","claims":{},"service":"s"})"}) {
    EXPECT_FALSE(ReleasePolicy::from_json(json_for_testing(stored))) << stored;
  }
}

TEST(ReleasePolicy, AcceptsAzureContainersAloneWhereItNamesNoProfile) {
  EXPECT_EQ(policy_for_testing(kAdd).accepted_profiles(), std::vector<std::string>{"snp-aci"});
  EXPECT_TRUE(policy_for_testing(kAdd).profiles().empty());
}

constexpr const char* kPermissive =
    "73973b78d70cc68353426de188db5dfc57e5b766e399935fb73a61127ea26d20";

TEST(ReleasePolicy, IsBoundByHostDataForAzureContainers) {
  EXPECT_FALSE(policy_for_testing(kAdd).is_bound());
  EXPECT_TRUE(
      policy_for_testing(R"({"type":"add","claims":{"x-ms-sevsnpvm-hostdata":"ab"}})").is_bound());
  // The measurement is that of the utility VM every Azure customer runs.
  EXPECT_FALSE(
      policy_for_testing(R"({"type":"add","claims":{"x-ms-sevsnpvm-launchmeasurement":"ab"}})")
          .is_bound());
}

TEST(ReleasePolicy, IsNotBoundByPermissiveHostData) {
  const auto policy = policy_for_testing(
      std::string(R"({"type":"add","claims":{"x-ms-sevsnpvm-hostdata":["ab",")") + kPermissive +
      "\"]}}");
  EXPECT_FALSE(policy.is_bound());
  EXPECT_EQ(policy.permissive_host_data(), kPermissive);
}

TEST(ReleasePolicy, IsBoundByTheMeasurementForRawReports) {
  EXPECT_TRUE(
      policy_for_testing(
          R"({"type":"add","profiles":["snp"],"claims":{"x-ms-sevsnpvm-launchmeasurement":"ab"}})")
          .is_bound());
  EXPECT_FALSE(policy_for_testing(
                   R"({"type":"add","profiles":["snp"],"claims":{"x-ms-sevsnpvm-hostdata":"ab"}})")
                   .is_bound());
  EXPECT_FALSE(
      policy_for_testing(
          R"({"type":"add","profiles":["snp","snp-aci"],"claims":{"x-ms-sevsnpvm-launchmeasurement":"ab"}})")
          .is_bound());
  EXPECT_FALSE(policy_for_testing(
                   R"({"type":"add","profiles":["tdx"],"claims":{"x-ms-sevsnpvm-hostdata":"ab"}})")
                   .is_bound());
}

TEST(ClaimNames, AreAnExactSet) {
  for (const auto* name : {"x-ms-ver", "x-ms-sevsnpvm-familyId", "uvm_endorsements-svn", "tpm_pcr0",
                           "tpm_pcr23", "nitro_pcr31", "vm-configuration-vmUniqueId"}) {
    EXPECT_TRUE(is_known_claim(name)) << name;
  }
  for (const auto* name : {"", "constructor", "toString", "X-MS-VER", "x-ms-sevsnpvm-familyid",
                           "signature-r", "tpm_pcr24", "tpm_pcr01", "tpm_pcr", "nitro_pcr32"}) {
    EXPECT_FALSE(is_known_claim(name)) << name;
  }
}

}  // namespace
}  // namespace vitrine::policy
