#include "attestation/verify.h"

#include <fmt/format.h>

#include "attestation/cache.h"
#include "attestation/claims_maker.h"
#include "attestation/snp/claims.h"
#include "attestation/snp/verify.h"
#include "base/hex.h"

namespace vitrine::attestation {

namespace {

using snp::AttestationReport;
using snp::EndorsementChain;

// Adds to a trace where there is one.
class Steps {
 public:
  explicit Steps(VerificationTrace* trace) : trace_(trace) {}
  template <class... Args>
  void passed(std::string_view name, fmt::format_string<Args...> format, Args&&... args) {
    if (trace_ == nullptr) return;
    trace_->steps.push_back({std::string(name), fmt::format(format, std::forward<Args>(args)...)});
  }

 private:
  VerificationTrace* trace_;
};

// A profile is chosen by what is there, never by a word in the evidence.
enum class Profile { snp, snp_aci };

Result<Profile> profile_of(const SnpEvidence& evidence) {
  const bool uvm = !evidence.uvm_endorsements.empty();
  const bool tcb = !evidence.endorsed_tcb.empty();
  if (uvm && tcb) return Profile::snp_aci;
  if (!uvm && !tcb) return Profile::snp;
  return malformed(fmt::format("SNP evidence: {} is empty and {} is not",
                               uvm ? "endorsed_tcb" : "uvm_endorsements",
                               uvm ? "uvm_endorsements" : "endorsed_tcb"));
}

template <class Value>
struct Remembered {
  std::shared_ptr<const Value> value;
  bool from_cache = false;
};

Result<Remembered<EndorsementChain>> chain_of(const SnpEvidence& evidence,
                                              const TrustAnchors& anchors, const Digest& anchors_id,
                                              Time now, VerificationCache::State& cache) {
  const auto key = cache_key(anchors_id, as_bytes(evidence.endorsements));
  auto known = cache.chains.find(key);
  if (known && known->not_before <= now && now <= known->not_after) {
    return Remembered<EndorsementChain>{std::move(known), true};
  }
  VITRINE_TRY(auto chain, snp::verify_endorsements(evidence.endorsements, anchors.snp_roots, now));
  auto shared = std::make_shared<const EndorsementChain>(std::move(chain));
  cache.chains.insert(key, shared);
  return Remembered<EndorsementChain>{std::move(shared), false};
}

Result<Remembered<uvm::Endorsement>> uvm_of(const SnpEvidence& evidence,
                                            const TrustAnchors& anchors, const Digest& anchors_id,
                                            VerificationCache::State& cache) {
  const auto key = cache_key(anchors_id, evidence.uvm_endorsements);
  if (auto known = cache.uvm.find(key)) {
    return Remembered<uvm::Endorsement>{std::move(known), true};
  }
  VITRINE_TRY(auto endorsement,
              uvm::verify_endorsement(evidence.uvm_endorsements, anchors.uvm_signers));
  auto shared = std::make_shared<const uvm::Endorsement>(std::move(endorsement));
  cache.uvm.insert(key, shared);
  return Remembered<uvm::Endorsement>{std::move(shared), false};
}

std::string_view remembered(bool from_cache) { return from_cache ? ", verified before" : ""; }

// Steps 1 to 6 of attestation.md 3.5.
struct VerifiedReport {
  AttestationReport report;
  std::shared_ptr<const EndorsementChain> chain;
};

Result<VerifiedReport> verify_report(const SnpEvidence& evidence, const TrustAnchors& anchors,
                                     const Digest& anchors_id, Time now,
                                     VerificationCache::State& cache, Steps& steps) {
  VITRINE_TRY(const auto report,
              snp::parse_report(evidence.report, anchors.snp_report_version_min));
  steps.passed("report structure", "version {}, VMPL {}", report.version, report.vmpl);
  VITRINE_TRY(const auto kind, snp::expected_key(report));
  VITRINE_TRY(auto chain, chain_of(evidence, anchors, anchors_id, now, cache));
  VITRINE_CHECK(snp::check_kind_and_product(report, kind, *chain.value));
  steps.passed("certificate chain", "{}, {}{}, valid until {}{}", name_of(kind),
               chain.value->trust_anchor, chain.value->simulated ? " (simulated)" : "",
               to_rfc3339(chain.value->not_after), remembered(chain.from_cache));
  VITRINE_CHECK(
      snp::check_signature(evidence.report, report, *chain.value, cache.report_signatures));
  steps.passed("report signature", "ECDSA P-384 by the {}", name_of(kind));
  VITRINE_CHECK(snp::check_against_certificate(report, *chain.value));
  steps.passed("certificate against report", "reported_tcb {}, {}", to_hex(report.reported_tcb),
               kind == snp::EndorsementKey::vcek ? "chip_id is the HWID" : chain.value->csp_id);
  VITRINE_CHECK(snp::check_guest_policy(report));
  steps.passed("guest policy", "0x{:x}: debug and migration agent off", report.policy.bits);
  return VerifiedReport{report, std::move(chain.value)};
}

// What Azure confidential containers add (kms-api.md 6.2, steps 7 and 8).
Result<std::shared_ptr<const uvm::Endorsement>> verify_aci(
    const SnpEvidence& evidence, const AttestationReport& report, const TrustAnchors& anchors,
    const Digest& anchors_id, VerificationCache::State& cache, Steps& steps) {
  VITRINE_CHECK(snp::check_endorsed_tcb(report, evidence.endorsed_tcb));
  steps.passed("endorsed TCB", "{}", evidence.endorsed_tcb);
  VITRINE_TRY(auto endorsement, uvm_of(evidence, anchors, anchors_id, cache));
  const auto& value = *endorsement.value;
  if (value.measurement != report.measurement) {
    return denied(fmt::format("UVM endorsement: launch measurement {} is not the report's {}",
                              to_hex(value.measurement), to_hex(report.measurement)));
  }
  steps.passed("UVM endorsement", "{}, svn {}, {}{}{}", value.feed, value.svn, value.did,
               value.simulated ? " (simulated)" : "", remembered(endorsement.from_cache));
  return std::move(endorsement.value);
}

}  // namespace

Result<Claims> verify_snp(const SnpEvidence& evidence, const TrustAnchors& anchors, Time now,
                          VerificationCache& cache, VerificationTrace* trace) {
  Steps steps(trace);
  auto& state = cache.state();
  const auto anchors_id = anchors_digest(anchors);
  VITRINE_TRY(const auto profile, profile_of(evidence));
  VITRINE_TRY(const auto verified, verify_report(evidence, anchors, anchors_id, now, state, steps));
  ClaimsMaker claims(profile == Profile::snp_aci ? "snp-aci" : "snp");
  snp::set_claims(claims, verified.report, *verified.chain);
  bool simulated = verified.chain->simulated;
  if (profile == Profile::snp_aci) {
    VITRINE_TRY(const auto endorsement,
                verify_aci(evidence, verified.report, anchors, anchors_id, state, steps));
    snp::set_claims(claims, *endorsement);
    simulated = simulated || endorsement->simulated;
  }
  claims.set_simulated(simulated);
  return std::move(claims).finish();
}

}  // namespace vitrine::attestation
