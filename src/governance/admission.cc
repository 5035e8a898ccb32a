#include "governance/admission.h"

#include <fmt/format.h>

#include <algorithm>

#include "attestation/snp/report.h"
#include "base/hex.h"
#include "base/text.h"

namespace vitrine::governance {
namespace {

using attestation::ClaimMap;
using attestation::Claims;

constexpr const char* kMeasurement = "x-ms-sevsnpvm-launchmeasurement";
constexpr const char* kHostData = "x-ms-sevsnpvm-hostdata";

std::string text_of(const ClaimMap& claims, std::string_view name) {
  const auto found = claims.find(name);
  return found == claims.end() ? std::string() : attestation::to_text(found->second);
}

bool is_endorsed(const JoinPolicy& policy, const ClaimMap& claims) {
  const auto feeds = policy.snp_uvm_endorsements.find(text_of(claims, "uvm_endorsements-did"));
  if (feeds == policy.snp_uvm_endorsements.end()) return false;
  const auto lowest = feeds->second.find(text_of(claims, "uvm_endorsements-feed"));
  if (lowest == feeds->second.end()) return false;
  const auto svn = parse_decimal(text_of(claims, "uvm_endorsements-svn"));
  const auto least = parse_decimal(lowest->second);
  return svn && least && *svn >= *least;
}

Status check_measurement(const JoinPolicy& policy, const ClaimMap& claims,
                         const std::string& value) {
  if (policy.snp_measurements.contains(value) || is_endorsed(policy, claims)) return {};
  return denied("join policy: measurement " + value + " is neither listed nor endorsed as listed",
                "add_snp_measurement and add_snp_uvm_endorsement say what is trusted");
}

Status check_host_data(const JoinPolicy& policy, const std::string& value) {
  if (policy.snp_host_data.contains(value)) return {};
  return denied("join policy: host data " + value + " is not listed", "add_snp_host_data");
}

// What CPUID 1 EAX says of that processor.
std::string cpuid_of(const attestation::snp::Cpuid& cpuid) {
  constexpr unsigned kBaseFamily = 0x0f;
  const unsigned extended = cpuid.family - std::min<unsigned>(cpuid.family, kBaseFamily);
  const unsigned eax = extended << 20U | (cpuid.model >> 4U) << 16U | kBaseFamily << 8U |
                       (cpuid.model & 0xfU) << 4U | cpuid.stepping;
  return fmt::format("{:08x}", eax);
}

// Component by component: each has a byte of its own, and reserved ones are zero.
Status check_tcb(const JoinPolicy& policy, const attestation::snp::AttestationReport& report) {
  if (policy.snp_tcb_versions.empty()) return {};
  if (!report.cpuid)
    return denied(
        "join policy: the report does not say which processor it is of, so no minimum "
        "TCB version is known");
  const std::string cpuid = cpuid_of(*report.cpuid);
  const auto minimum = policy.snp_tcb_versions.find(cpuid);
  if (minimum == policy.snp_tcb_versions.end())
    return denied("join policy: no minimum TCB version is set for processor " + cpuid,
                  "set_snp_minimum_tcb_version");
  VITRINE_TRY(const Bytes least, from_hex(minimum->second));  // most significant byte first
  const auto& found = report.reported_tcb;
  for (std::size_t i = 0; i < found.size() && i < least.size(); ++i) {
    if (found[found.size() - 1 - i] < least[i]) {
      return denied("join policy: TCB version " + to_hex(Bytes(found.rbegin(), found.rend())) +
                    " is below " + minimum->second);
    }
  }
  return {};
}

}  // namespace

Result<Claims> admit(const State& state, const attestation::SnpEvidence& evidence, Time now,
                     attestation::VerificationCache& cache) {
  const JoinPolicy& policy = state.join_policy;
  VITRINE_TRY(auto claims,
              attestation::verify_snp(evidence, state.settings.trust_anchors(), now, cache));
  if (claims.simulated() && !state.settings.dev)
    return denied("join policy: simulated evidence, and the service is no development service");
  VITRINE_TRY(const auto report, attestation::snp::parse_report(evidence.report));
  if (report.policy.debug_allowed()) return denied("join policy: the host may debug the program");
  VITRINE_CHECK(check_measurement(policy, claims.all(), to_hex(report.measurement)));
  VITRINE_CHECK(check_host_data(policy, to_hex(report.host_data)));
  VITRINE_CHECK(check_tcb(policy, report));
  return claims;
}

ClaimMap judged_claims(const Claims& claims) {
  ClaimMap judged;
  for (const auto* name : {kMeasurement, kHostData, "uvm_endorsements-did", "uvm_endorsements-feed",
                           "uvm_endorsements-svn"}) {
    if (const auto* value = claims.find(name)) judged.emplace(name, *value);
  }
  return judged;
}

Status check_recorded_admission(const JoinPolicy& policy, const ClaimMap& recorded) {
  VITRINE_CHECK(check_measurement(policy, recorded, text_of(recorded, kMeasurement)));
  return check_host_data(policy, text_of(recorded, kHostData));
}

}  // namespace vitrine::governance
