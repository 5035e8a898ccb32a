// Verification of SNP evidence: evidence, endorsements, anchors and time in; claims or one error
// out. Pure, but for a cache of chains already verified. Order of checks: attestation.md 3.5 and 4.
// Safe from any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "attestation/claims.h"
#include "attestation/evidence.h"
#include "base/clock.h"
#include "base/result.h"

namespace vitrine::attestation {

// A pinned root: SHA-256 of its SubjectPublicKeyInfo, for one product of one kind of TEE.
struct SnpRoot {
  std::string product;  // "Milan", "Genoa", "Turin"
  Digest spki_sha256;
  bool simulated = false;
};

// Who may vouch for a utility VM's measurement: the did:x509 as a whole string, the feed, the
// lowest SVN.
struct UvmSigner {
  std::string did;
  std::string feed;
  std::uint64_t svn_min = 0;
  Digest root_spki_sha256;  // the chain ends in this root
  bool simulated = false;
};

struct TrustAnchors {
  std::vector<SnpRoot> snp_roots;
  std::vector<UvmSigner> uvm_signers;
  std::uint32_t snp_report_version_min = 2;
};
// The three AMD roots and Azure's two UVM feeds (attestation.md 2, 4).
TrustAnchors default_trust_anchors();

// Remembers, by hash of their exact bytes, chains and UVM endorsements that verified, until the
// earliest date in them ends. Bounded; the least recently used goes first.
class VerificationCache {
 public:
  explicit VerificationCache(std::size_t entries_max = 1024);
  ~VerificationCache();
  struct State;
  State& state() { return *state_; }

 private:
  std::unique_ptr<State> state_;
};

// What a verification did, for people: each step that passed and what it found, in order. Of a
// refused verification it holds the steps before the one that refused.
struct VerificationTrace {
  struct Step {
    std::string name;     // "certificate chain"
    std::string outcome;  // "VCEK, SEV-Milan, ARK-Milan, valid until 2032-01-26T…"
  };
  std::vector<Step> steps;
};

// Profile "snp-aci": report, chain, UVM endorsement, endorsed_tcb.
// Profile "snp": where uvm_endorsements and endorsed_tcb are both empty; one of them alone is
// malformed.
// malformed, denied: the message names step and field ("SNP report: signature does not verify with
// the VCEK"). `trace` may be null.
Result<Claims> verify_snp(const SnpEvidence& evidence, const TrustAnchors& anchors, Time now,
                          VerificationCache& cache, VerificationTrace* trace = nullptr);

}  // namespace vitrine::attestation
