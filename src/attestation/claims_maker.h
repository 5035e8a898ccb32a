// ClaimsMaker: the one way to make Claims. For verifiers alone: whoever holds Claims may rely on
// every byte in them having been verified. Tests of what consumes claims use it as well.
#pragma once

#include <utility>

#include "attestation/claims.h"
#include "base/assert.h"

namespace vitrine::attestation {

class ClaimsMaker {
 public:
  explicit ClaimsMaker(std::string profile) { claims_.profile_ = std::move(profile); }

  // Every claim has one name and is set once (attestation.md 13).
  ClaimsMaker& set(std::string name, ClaimValue value) {
    const bool fresh = claims_.claims_.emplace(std::move(name), std::move(value)).second;
    VITRINE_ASSERT(fresh);
    return *this;
  }
  ClaimsMaker& set_freshness(Freshness freshness) {
    claims_.freshness_ = freshness;
    return *this;
  }
  ClaimsMaker& set_report_data(const std::array<Byte, 64>& report_data) {
    claims_.report_data_ = report_data;
    return *this;
  }
  ClaimsMaker& set_simulated(bool simulated) {
    claims_.simulated_ = simulated;
    return *this;
  }
  Claims finish() && { return std::move(claims_); }

 private:
  Claims claims_;
};

}  // namespace vitrine::attestation
