// Whom offline commands believe, and at what time.
#pragma once

#include <array>

#include "attestation/verify.h"
#include "base/clock.h"
#include "base/result.h"
#include "cli/commands.h"

namespace vitrine::cli {

// The pinned anchors, those of --root, and, with --simulated-root, a simulated attester's.
Result<attestation::TrustAnchors> anchors_of(const TrustOptions& options);

// "2026-01-15T00:00:00Z", "2026-01-15", or seconds since the epoch; now where it is empty.
Result<Time> time_of(const TrustOptions& options, const Clock& clock);

// The evidence of the simulated attester whose files are in `folder`, saying what is asked.
struct SimulatedRequest {
  std::array<Byte, 64> report_data{};
  std::array<Byte, 32> host_data{};
};
Result<attestation::SnpEvidence> simulated_evidence(const std::string& folder,
                                                    const SimulatedRequest& request);

codec::json::Value to_json(const attestation::ClaimValue& value);
codec::json::Object to_json(const attestation::ClaimMap& claims);

}  // namespace vitrine::cli
