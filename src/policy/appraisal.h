// The one evaluator: does a policy accept these claims, and if not, why, claim by claim
// (kms-api.md 7.2 with its Rules: every claim and every operator must hold).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attestation/claims.h"
#include "policy/release_policy.h"

namespace vitrine::policy {

// One thing that was not as wanted.
struct Mismatch {
  std::string claim;   // "x-ms-sevsnpvm-hostdata", or "profile", "freshness"
  std::string wanted;  // "one of 7925…, 4f44…", ">= 3"
  std::string found;   // "73973b…", or "absent"
};

struct Refusal {
  bool policy_empty = false;   // no claims at all: closes the service
  bool policy_broken = false;  // an operator value is null or no number (peers answer 500 for null)
  std::vector<Mismatch> mismatches;
  std::string to_text() const;    // for logs and people, one line
  std::string to_header() const;  // compact ASCII, at most limits::kReasonHeaderBytesMax
};

// Proof that a policy accepted verified claims. Only appraise() makes one, and only one opens a
// release.
class AttestationResult {
 public:
  const std::string& profile() const { return profile_; }
  attestation::Freshness freshness() const { return freshness_; }
  // The claims that the policy matched, with the values found.
  const attestation::ClaimMap& matched() const { return matched_; }

 private:
  friend tl::expected<AttestationResult, Refusal> appraise(const ReleasePolicy&,
                                                           const attestation::Claims&);
  AttestationResult() = default;
  std::string profile_;
  attestation::Freshness freshness_ = attestation::Freshness::none;
  attestation::ClaimMap matched_;
};

tl::expected<AttestationResult, Refusal> appraise(const ReleasePolicy& policy,
                                                  const attestation::Claims& claims);

// What the ledger says of a release: an auditor has this and no evidence.
struct Recorded {
  const std::string& profile;
  std::string_view freshness;
  const attestation::ClaimMap& claims;  // those the policy matched
};
// Whether the policy accepts that much, and nothing is recorded that it does not name; nullopt: it
// does. Opens nothing.
std::optional<Refusal> check_recorded(const ReleasePolicy& policy, const Recorded& said);

}  // namespace vitrine::policy
