#include "policy/service_policies.h"

#include <gtest/gtest.h>

#include "policy/policies_for_testing.h"

namespace vitrine::policy {
namespace {

using std::chrono::seconds;

std::string refusal(std::string_view json) {
  const auto policy = RotationPolicy::from_json(json_for_testing(json));
  EXPECT_FALSE(policy.has_value()) << json;
  return policy ? "" : policy.error().message;
}

TEST(RotationPolicy, KeepsWhatItDoesNotKnow) {
  const auto* json =
      R"({"grace_period_seconds":604800,"rotation_interval_seconds":2678400,"note":"weekly"})";
  const auto policy = RotationPolicy::from_json(json_for_testing(json));
  ASSERT_TRUE(policy);
  EXPECT_EQ(policy->interval, seconds(2678400));
  EXPECT_EQ(policy->grace, seconds(604800));
  EXPECT_EQ(codec::json::write(policy->stored), json);
}

TEST(RotationPolicy, RefusesTimesThatMakeNoSense) {
  EXPECT_EQ(refusal(R"({"grace_period_seconds":0})"),
            "key rotation policy: rotation_interval_seconds is not an integer");
  EXPECT_EQ(refusal(R"({"rotation_interval_seconds":1.5,"grace_period_seconds":0})"),
            "key rotation policy: rotation_interval_seconds is not an integer");
  EXPECT_EQ(refusal(R"({"rotation_interval_seconds":"9","grace_period_seconds":0})"),
            "key rotation policy: rotation_interval_seconds is not an integer");
  EXPECT_EQ(refusal(R"({"rotation_interval_seconds":9,"grace_period_seconds":-1})"),
            "key rotation policy: grace_period_seconds is negative");
  EXPECT_EQ(refusal(R"({"rotation_interval_seconds":9,"grace_period_seconds":9})"),
            "key rotation policy: rotation_interval_seconds 9 is not greater than "
            "grace_period_seconds 9");
  EXPECT_EQ(refusal(R"({"rotation_interval_seconds":3162240001,"grace_period_seconds":0})"),
            "key rotation policy: rotation_interval_seconds is over 100 years");
}

TEST(RotationPolicy, JudgesAKeyAtTheExactMoment) {
  const auto policy = RotationPolicy::from_json(
      json_for_testing(R"({"rotation_interval_seconds":10,"grace_period_seconds":5})"));
  ASSERT_TRUE(policy);
  const auto created = from_unix_seconds(1'700'000'000);
  EXPECT_FALSE(policy->expired(created, created + seconds(10)));
  EXPECT_TRUE(policy->expired(created, created + seconds(10) + std::chrono::milliseconds(1)));
  EXPECT_FALSE(policy->exposed(created, created + seconds(5) - std::chrono::milliseconds(1)));
  EXPECT_TRUE(policy->exposed(created, created + seconds(5)));
}

TEST(SettingsPolicy, HasThePeersDefaults) {
  EXPECT_EQ(codec::json::write(SettingsPolicy::defaults().stored),
            R"({"service":{"name":"azure-privacy-sandbox-kms","description":"Key Management )"
            R"(Service","version":"1.0.0","debug":false}})");
  EXPECT_FALSE(SettingsPolicy::defaults().debug);
}

TEST(SettingsPolicy, ChecksTheTypeOfEachMember) {
  const auto message = [](std::string_view json) {
    const auto policy = SettingsPolicy::from_json(json_for_testing(json));
    EXPECT_FALSE(policy.has_value()) << json;
    return policy ? "" : policy.error().message;
  };
  EXPECT_EQ(message("{}"), "settings policy: service is not an object");
  EXPECT_EQ(message(R"({"service":{"description":"d","version":"1","debug":true}})"),
            "settings policy: service.name is not text");
  EXPECT_EQ(message(R"({"service":{"name":"n","description":"d","version":1,"debug":true}})"),
            "settings policy: service.version is not text");
  EXPECT_EQ(message(R"({"service":{"name":"n","description":"d","version":"1","debug":"true"}})"),
            "settings policy: service.debug is neither true nor false");
  const auto policy = SettingsPolicy::from_json(json_for_testing(
      R"({"service":{"name":"n","description":"d","version":"1","debug":true,"more":1}})"));
  ASSERT_TRUE(policy);
  EXPECT_TRUE(policy->debug);
}

}  // namespace
}  // namespace vitrine::policy
