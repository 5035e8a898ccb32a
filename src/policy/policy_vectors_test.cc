// The peers' sample policies, and what a verifier must derive from their sample evidence
// (vectors/kms).
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "policy/appraisal.h"
#include "policy/jwt_validation_policy.h"
#include "policy/policies_for_testing.h"
#include "policy/service_policies.h"

namespace vitrine::policy {
namespace {

std::string read_file(const std::string& name) {
  std::ifstream file(std::string(std::getenv("VITRINE_VECTORS")) + "/kms/" + name);
  EXPECT_TRUE(file.good()) << name;
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

codec::json::Object args_of(const std::string& name) {
  const auto proposal = json_for_testing(read_file(name));
  return proposal.at("actions").as_array().at(0).as_object().at("args").as_object();
}

TEST(PolicyVectors, AddsAndRemovesThePeersReleasePolicy) {
  ReleasePolicy policy;
  ASSERT_TRUE(policy.apply(args_of("policies/key-release-policy-add-ispirt.json")));
  EXPECT_EQ(
      codec::json::write(policy.to_json()),
      R"({"type":"add","claims":{"x-ms-ver":["2","3"],"x-ms-sevsnpvm-smt-allowed":[true],)"
      R"("x-ms-sevsnpvm-is-debuggable":[false]},"gte":{"x-ms-ver":"2"},"gt":{"x-ms-ver":"1"}})");
  const auto remove = args_of("policies/key-release-policy-remove-ispirt.json");
  ASSERT_TRUE(policy.apply(remove));
  EXPECT_EQ(codec::json::write(policy.to_json()),
            R"({"type":"add","claims":{"x-ms-sevsnpvm-smt-allowed":[true],)"
            R"("x-ms-sevsnpvm-is-debuggable":[false]},"gte":{},"gt":{}})");
  EXPECT_FALSE(policy.apply(remove));  // the capture "remove policy again"
}

TEST(PolicyVectors, ShowsThePoliciesOfTheCaptures) {
  const auto captures = json_for_testing(read_file("captures/ispirt-on-ccf7.json"));
  const auto body_of = [&](std::string_view name) {
    for (const auto& each : captures.at("exchanges").as_array()) {
      if (codec::json::text_view(each.as_object().at("name").as_string()) != name) continue;
      return std::string(codec::json::text_view(
          each.as_object().at("response").as_object().at("body").as_string()));
    }
    return std::string();
  };
  ReleasePolicy policy;
  ASSERT_TRUE(policy.apply(args_of("proposals/set_key_release_policy_add.json")));
  EXPECT_EQ(codec::json::write(policy.to_json()), body_of("keyReleasePolicy"));
  ASSERT_TRUE(policy.apply(args_of("proposals/set_key_release_policy_remove.json")));
  EXPECT_EQ(codec::json::write(policy.to_json()), body_of("keyReleasePolicy after removal"));
  ASSERT_TRUE(policy.apply(
      json_for_testing(R"({"type":"remove","claims":{"x-ms-sevsnpvm-smt-allowed":true,)"
                       R"("x-ms-sevsnpvm-is-debuggable":false}})")));
  EXPECT_EQ(codec::json::write(policy.to_json()), body_of("keyReleasePolicy empty"));
  EXPECT_EQ(codec::json::write(SettingsPolicy::defaults().stored),
            body_of("empty: settingsPolicy"));
}

// The claims a verifier must derive from a sample, as claims.
attestation::Claims expected_claims(const std::string& name) {
  const auto file = json_for_testing(read_file("derived/" + name));
  const auto* claims = codec::json::object_of(file, "claims");
  attestation::ClaimsMaker maker("snp-aci");
  for (const auto& each : claims == nullptr ? file : *claims) {
    const std::string key(each.key());
    if (const auto* text = each.value().if_string()) {
      maker.set(key, std::string(codec::json::text_view(*text)));
    } else if (const auto* truth = each.value().if_bool()) {
      maker.set(key, *truth);
    } else if (const auto* number = each.value().if_int64()) {
      maker.set(key, *number);
    }
  }
  return std::move(maker).finish();
}

TEST(PolicyVectors, AcceptsThePeersSampleEvidenceUnderTheirSamplePolicy) {
  ReleasePolicy policy;
  ASSERT_TRUE(policy.apply(args_of("policies/key-release-policy-add-ispirt.json")));
  for (const auto* name :
       {"expected-claims-snp-v3-ispirt.json", "expected-claims-snp-v2-ms.json"}) {
    const auto result = appraise(policy, expected_claims(name));
    EXPECT_TRUE(result) << name << ": " << result.error().to_text();
  }
  ASSERT_TRUE(policy.apply(json_for_testing(R"({"type":"add","claims":{},"gt":{"x-ms-ver":2}})")));
  EXPECT_TRUE(appraise(policy, expected_claims("expected-claims-snp-v3-ispirt.json")));
  EXPECT_FALSE(appraise(policy, expected_claims("expected-claims-snp-v2-ms.json")));
}

TEST(PolicyVectors, KnowsNoClaimOfAnotherProfile) {
  ReleasePolicy policy;
  const auto status = policy.apply(args_of("maa/key-release-policy-maa-add.json"));
  ASSERT_FALSE(status);
  EXPECT_TRUE(status.error().message.starts_with("release policy: claims: unknown claim"));
}

TEST(PolicyVectors, ReadsTheSampleServicePolicies) {
  for (const auto& [name, interval] :
       {std::pair{"policies/key-rotation-policy-ispirt.json", 2678400},
        std::pair{"policies/key-rotation-policy-ms.json", 300}}) {
    const auto policy =
        RotationPolicy::from_json(args_of(name).at("key_rotation_policy").as_object());
    ASSERT_TRUE(policy) << name;
    EXPECT_EQ(policy->interval, std::chrono::seconds(interval));
  }
  for (const auto* name :
       {"policies/settings-policy-ispirt.json", "policies/settings-policy-ms.json"}) {
    const auto policy = SettingsPolicy::from_json(args_of(name).at("settings_policy").as_object());
    ASSERT_TRUE(policy) << name;
    EXPECT_TRUE(policy->debug);
  }
}

TEST(PolicyVectors, AcceptsTheSampleJwtValidationPolicies) {
  for (const auto* name : {"jwt/set_jwt_demo_validation_policy_proposal.json",
                           "jwt/set_jwt_ms_validation_policy_proposal.json"}) {
    const auto policy = args_of(name).at("validation_policy").as_object();
    EXPECT_TRUE(check_jwt_validation_policy(policy, {})) << name;
    EXPECT_TRUE(evaluate_jwt(policy, policy, {})) << name;
    auto other = policy;
    other["sub"] = "another";
    EXPECT_FALSE(evaluate_jwt(policy, other, {})) << name;
  }
}

}  // namespace
}  // namespace vitrine::policy
