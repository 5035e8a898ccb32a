#include "governance/admission.h"

#include <gtest/gtest.h>

#include "attestation/simulated/fixture_for_testing.h"
#include "attestation/snp/report.h"
#include "base/hex.h"

namespace vitrine::governance {
namespace {

class Admission : public testing::Test {
 protected:
  Admission() {
    const auto& attester = attestation::simulated::test_attester();
    state_.settings = Settings::dev_defaults();
    state_.settings.snp_roots.push_back(attester.root());
    state_.settings.uvm_signers.push_back(attester.uvm_signer());
    evidence_ = attester.attest({}).value();
    report_ = attestation::snp::parse_report(evidence_.report).value();
    state_.join_policy.snp_measurements.insert(to_hex(report_.measurement));
    state_.join_policy.snp_host_data.emplace(to_hex(report_.host_data), "");
  }
  std::string refusal() {
    const auto admitted = admit(state_, evidence_, attestation::simulated::test_time(), cache_);
    return admitted ? "" : admitted.error().message;
  }
  State state_;
  attestation::SnpEvidence evidence_;
  attestation::snp::AttestationReport report_;
  attestation::VerificationCache cache_;
};

TEST_F(Admission, AnEmptyPolicyLetsNobodyIn) {
  EXPECT_EQ(refusal(), "");
  state_.join_policy = {};
  EXPECT_NE(refusal().find("neither listed nor endorsed"), std::string::npos);
}

TEST_F(Admission, AMeasurementIsListedOrEndorsedAsListed) {
  state_.join_policy.snp_measurements = {std::string(96, '0')};
  EXPECT_NE(refusal(), "");
  const auto& signer = attestation::simulated::test_attester().uvm_signer();
  auto& feeds = state_.join_policy.snp_uvm_endorsements[signer.did];
  feeds[signer.feed] = "999999";
  EXPECT_NE(refusal(), "") << "a lower SVN";
  feeds[signer.feed] = std::to_string(signer.svn_min);
  EXPECT_EQ(refusal(), "");
  feeds.clear();
  feeds["another feed"] = "0";
  EXPECT_NE(refusal(), "");
}

TEST_F(Admission, IsJudgedAgainByWhatIsRecorded) {
  const auto claims = admit(state_, evidence_, attestation::simulated::test_time(), cache_);
  ASSERT_TRUE(claims);
  auto recorded = judged_claims(*claims);
  EXPECT_EQ(recorded.size(), 5U) << "measurement, host data, who vouches for the utility VM";
  JoinPolicy policy = state_.join_policy;
  EXPECT_TRUE(check_recorded_admission(policy, recorded));
  policy.snp_measurements.clear();
  EXPECT_FALSE(check_recorded_admission(policy, recorded));
  const auto& signer = attestation::simulated::test_attester().uvm_signer();
  policy.snp_uvm_endorsements[signer.did][signer.feed] = "100";
  EXPECT_TRUE(check_recorded_admission(policy, recorded));
  recorded.erase("uvm_endorsements-svn");
  EXPECT_FALSE(check_recorded_admission(policy, recorded));
  EXPECT_FALSE(check_recorded_admission(state_.join_policy, {}));
  recorded = judged_claims(*claims);
  recorded["x-ms-sevsnpvm-hostdata"] = std::string(64, 'a');
  EXPECT_FALSE(check_recorded_admission(state_.join_policy, recorded));
}

TEST_F(Admission, HostDataIsListed) {
  state_.join_policy.snp_host_data = {{std::string(64, 'a'), ""}};
  EXPECT_NE(refusal().find("host data"), std::string::npos);
}

TEST_F(Admission, EachComponentOfTheTcbReachesTheMinimumOfItsProcessor) {
  ASSERT_TRUE(report_.cpuid);
  state_.join_policy.snp_tcb_versions = {{"00000000", "0000000000000000"}};
  EXPECT_NE(refusal().find("no minimum TCB version is set for processor"), std::string::npos);
  const std::string cpuid = refusal().substr(refusal().size() - 8);
  const Bytes found(report_.reported_tcb.rbegin(), report_.reported_tcb.rend());
  state_.join_policy.snp_tcb_versions = {{cpuid, to_hex(found)}};
  EXPECT_EQ(refusal(), "");
  Bytes higher = found;
  ++higher.back();
  state_.join_policy.snp_tcb_versions[cpuid] = to_hex(higher);
  EXPECT_NE(refusal().find("is below"), std::string::npos);
}

TEST_F(Admission, SimulatedEvidenceIsForDevelopmentAlone) {
  state_.settings.dev = false;
  EXPECT_NE(refusal(), "");
}

TEST_F(Admission, EvidenceThatDoesNotVerifyIsRefused) {
  evidence_.report[0x90] ^= 1;
  EXPECT_NE(refusal(), "");
}

}  // namespace
}  // namespace vitrine::governance
