// What the tests of verification share: one simulated attester a process, small keys, one instant.
#pragma once

#include <gtest/gtest.h>

#include <string>

#include "attestation/simulated/attester.h"
#include "attestation/simulated/report.h"
#include "attestation/verify.h"

namespace vitrine::attestation::simulated {

inline Time test_time() { return from_unix_seconds(1'795'500'000); }  // 2026-11-24
constexpr std::size_t kTestRsaBits = 2048;

inline const Attester& test_attester() {
  static const Attester attester =
      Attester::make(test_time(), {snp::Product::milan, snp::EndorsementKey::vcek, kTestRsaBits})
          .value();
  return attester;
}

inline TrustAnchors anchors_of(const Attester& attester) {
  auto anchors = default_trust_anchors();
  anchors.snp_roots.push_back(attester.root());
  anchors.uvm_signers.push_back(attester.uvm_signer());
  return anchors;
}

inline Result<Claims> verify(const SnpEvidence& evidence, Time now = test_time(),
                             const TrustAnchors& anchors = anchors_of(test_attester())) {
  VerificationCache cache;
  return verify_snp(evidence, anchors, now, cache);
}

// "accepted", or why not.
inline std::string outcome(const Result<Claims>& claims) {
  return claims ? "accepted" : claims.error().message;
}

}  // namespace vitrine::attestation::simulated
