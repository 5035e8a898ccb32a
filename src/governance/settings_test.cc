#include "governance/settings.h"

#include <gtest/gtest.h>

#include "policy/policies_for_testing.h"

namespace vitrine::governance {
namespace {

using policy::json_for_testing;

Error refusal(Settings settings, std::string_view governed) {
  const auto before = codec::json::write(settings.to_json());
  const auto status = settings.merge(json_for_testing(governed));
  EXPECT_FALSE(status.has_value()) << governed;
  EXPECT_EQ(codec::json::write(settings.to_json()), before) << "changed by a refused merge";
  return status ? Error() : status.error();
}

std::string safe_refusal(std::string_view governed) {
  return refusal(Settings::safe_defaults(), governed).message;
}

TEST(Settings, AreSafeByDefault) {
  const auto settings = Settings::safe_defaults();
  const std::vector<AuthPolicy> jwt = {AuthPolicy::jwt};
  EXPECT_FALSE(settings.dev);
  EXPECT_FALSE(settings.accept_at_once);
  EXPECT_FALSE(settings.strict_peer_statuses);
  EXPECT_FALSE(settings.allow_published_wrapping_key);
  EXPECT_FALSE(settings.insecure_seal);
  EXPECT_EQ(settings.endpoints.at("key"), jwt);
  EXPECT_EQ(settings.endpoints.at("unwrapKey"), jwt);
  EXPECT_EQ(settings.endpoints.at("refresh"), jwt);
  EXPECT_EQ(settings.refresh_interval_min, std::chrono::seconds(60));
  EXPECT_EQ(settings.snp_roots.size(), attestation::default_trust_anchors().snp_roots.size());
  EXPECT_FALSE(settings.snp_roots.empty());
  EXPECT_EQ(settings.profiles, (std::vector<std::string>{"snp-aci", "snp"}));
}

TEST(Settings, AreThePeersInDevelopment) {
  const auto settings = Settings::dev_defaults();
  EXPECT_TRUE(settings.dev);
  EXPECT_TRUE(settings.accept_at_once);
  EXPECT_TRUE(settings.strict_peer_statuses);
  EXPECT_TRUE(settings.allow_published_wrapping_key);
  EXPECT_TRUE(settings.endpoints.at("refresh").empty());
  EXPECT_TRUE(settings.endpoints.at("keyReleasePolicy").empty());
  EXPECT_EQ(
      settings.endpoints.at("auth"),
      (std::vector<AuthPolicy>{AuthPolicy::user_cert, AuthPolicy::member_cert, AuthPolicy::jwt}));
  EXPECT_EQ(settings.refresh_interval_min.count(), 0);
}

TEST(Settings, MergeTheMembersThatArePresent) {
  auto settings = Settings::safe_defaults();
  ASSERT_TRUE(settings.merge(json_for_testing(
      R"({"endpoints":{"keyReleasePolicy":["member_cert","jwt"]},"clock_skew_seconds":60,
          "refresh_interval_seconds_min":5,"profiles":["snp-aci"],"strict_peer_statuses":true,
          "snp_report_version_min":3,"jwt_audience_arrays":false,"auto_rotate":true})")));
  EXPECT_EQ(settings.endpoints.at("keyReleasePolicy"),
            (std::vector<AuthPolicy>{AuthPolicy::member_cert, AuthPolicy::jwt}));
  EXPECT_EQ(settings.endpoints.at("key"), std::vector<AuthPolicy>{AuthPolicy::jwt});  // kept
  EXPECT_EQ(settings.clock_skew, std::chrono::seconds(60));
  EXPECT_EQ(settings.refresh_interval_min, std::chrono::seconds(5));
  EXPECT_EQ(settings.profiles, std::vector<std::string>{"snp-aci"});
  EXPECT_TRUE(settings.strict_peer_statuses);
  EXPECT_TRUE(settings.auto_rotate);
  EXPECT_FALSE(settings.jwt_audience_arrays);
  EXPECT_EQ(settings.trust_anchors().snp_report_version_min, 3U);
}

TEST(Settings, NameAnUnknownMemberAndTheNearestOne) {
  const auto error = refusal(Settings::safe_defaults(), R"({"clock_skew":3})");
  EXPECT_EQ(error.message, R"(governed: unknown member "clock_skew")");
  const auto typo = refusal(Settings::safe_defaults(), R"({"auto_rotat":true})");
  EXPECT_EQ(typo.message, R"(governed: unknown member "auto_rotat")");
  EXPECT_EQ(typo.hint, R"(did you mean "auto_rotate"?)");
  const auto endpoint = refusal(Settings::safe_defaults(), R"({"endpoints":{"unwrapkey":[]}})");
  EXPECT_EQ(endpoint.message, R"(governed: endpoints: unknown member "unwrapkey")");
  EXPECT_EQ(endpoint.hint, R"(did you mean "unwrapKey"?)");
}

TEST(Settings, RefuseAMemberOfAnotherType) {
  EXPECT_EQ(safe_refusal(R"({"auto_rotate":1})"),
            "governed: auto_rotate is neither true nor false");
  EXPECT_EQ(safe_refusal(R"({"clock_skew_seconds":61})"),
            "governed: clock_skew_seconds is not an integer from 0 to 60");
  EXPECT_EQ(safe_refusal(R"({"clock_skew_seconds":1.5})"),
            "governed: clock_skew_seconds is not an integer from 0 to 60");
  EXPECT_EQ(safe_refusal(R"({"snp_report_version_min":1})"),
            "governed: snp_report_version_min is not an integer from 2 to 100");
  EXPECT_EQ(safe_refusal(R"({"endpoints":[]})"), "governed: endpoints is not an object");
  EXPECT_EQ(safe_refusal(R"({"endpoints":{"key":"jwt"}})"),
            "governed: endpoints.key is not a list of names");
  EXPECT_EQ(safe_refusal(R"({"endpoints":{"key":["token"]}})"),
            R"(governed: endpoints.key: unknown authentication policy "token")");
  EXPECT_EQ(safe_refusal(R"({"endpoints":{"key":["jwt","jwt"]}})"),
            R"(governed: endpoints.key: "jwt" stands twice)");
  EXPECT_EQ(safe_refusal(R"({"snp_roots":[{"product":"Milan"}]})"),
            "governed: snp_roots: spki_sha256 is not text");
  EXPECT_EQ(safe_refusal(R"({"snp_roots":[{"product":"Milan","spki_sha256":"ab"}]})"),
            "governed: snp_roots: spki_sha256 is not 64 hex digits");
  EXPECT_EQ(safe_refusal(R"({"uvm_signers":{}})"), "governed: uvm_signers is not a list");
}

TEST(Settings, RefuseWhatNoServiceMayBe) {
  EXPECT_EQ(safe_refusal(R"({"profiles":[]})"),
            "governed: profiles: none, so no evidence would ever do");
  EXPECT_EQ(safe_refusal(R"({"profiles":["snp","sgx"]})"),
            R"(governed: profiles: unknown profile "sgx")");
  EXPECT_EQ(safe_refusal(R"({"rollback_guard":"witnesses"})"),
            R"(governed: rollback_guard: unknown guard "witnesses")");
  EXPECT_EQ(safe_refusal(R"({"endpoints":{"proposals":[]}})"),
            "governed: endpoints.proposals: user_cose_sign1 is for proposals, and proposals for it "
            "alone");
  EXPECT_EQ(
      safe_refusal(R"({"endpoints":{"key":["user_cose_sign1"]}})"),
      "governed: endpoints.key: user_cose_sign1 is for proposals, and proposals for it alone");
}

TEST(Settings, KeepDevelopmentToServicesBornWithIt) {
  EXPECT_EQ(safe_refusal(R"({"dev":true})"), "governed: dev is fixed when the ledger is born");
  EXPECT_EQ(refusal(Settings::dev_defaults(), R"({"dev":false})").message,
            "governed: dev is fixed when the ledger is born");
  const std::string why = " is for services born with --dev alone";
  const std::string digest(64, 'a');
  const std::string root =
      R"({"snp_roots":[{"product":"Milan","simulated":true,"spki_sha256":")" + digest + "\"}]}";
  const std::string signer =
      R"({"uvm_signers":[{"did":"d","feed":"f","svn_min":1,"simulated":true,"root_spki_sha256":")" +
      digest + "\"}]}";
  const std::pair<std::string, std::string> cases[] = {
      {R"({"accept_at_once":true})", "accept_at_once"},
      {R"({"allow_published_wrapping_key":true})", "allow_published_wrapping_key"},
      {root, "snp_roots: a simulated root"},
      {signer, "uvm_signers: a simulated signer"},
      {R"({"endpoints":{"key":[]}})", "endpoints.key: no policy: open to anyone"},
      {R"({"endpoints":{"unwrapKey":[]}})", "endpoints.unwrapKey: no policy: open to anyone"},
      {R"({"endpoints":{"refresh":[]},"refresh_interval_seconds_min":0})",
       "endpoints.refresh: open to anyone without a minimum interval"},
  };
  for (const auto& [governed, what] : cases) {
    EXPECT_EQ(safe_refusal(governed), "governed: " + what + why);
    auto dev = Settings::dev_defaults();
    EXPECT_TRUE(dev.merge(json_for_testing(governed))) << governed;
  }
}

TEST(Settings, MayOpenRefreshWhereItsRateIsBounded) {
  auto settings = Settings::safe_defaults();
  EXPECT_TRUE(settings.merge(json_for_testing(R"({"endpoints":{"refresh":[]}})")));
}

TEST(Settings, ReadBackToEqualSettings) {
  auto changed = Settings::safe_defaults();
  ASSERT_TRUE(changed.merge(json_for_testing(
      R"({"clock_skew_seconds":7,"auto_rotate":true,"insecure_seal":true,"profiles":["snp"]})")));
  for (const auto& settings : {Settings::safe_defaults(), Settings::dev_defaults(), changed}) {
    const auto read = Settings::from_json(settings.to_json());
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(codec::cbor::encode(read->canonical()), codec::cbor::encode(settings.canonical()));
    EXPECT_EQ(codec::json::write(read->to_json()), codec::json::write(settings.to_json()));
  }
}

TEST(Settings, TakeNothingFromTheProgramWhereTheLedgerIsSilent) {
  const auto read = Settings::from_json({});
  ASSERT_TRUE(read);
  EXPECT_TRUE(read->snp_roots.empty());
  EXPECT_TRUE(read->profiles.empty());
  EXPECT_TRUE(read->endpoints.empty());
  EXPECT_FALSE(read->jwt_audience_arrays);
  EXPECT_TRUE(read->canonical().entries().empty());
}

}  // namespace
}  // namespace vitrine::governance
