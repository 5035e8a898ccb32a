// Whom the service's secrets may be given to (ccf.md 11): evidence of a program, judged by the
// governed join policy. Pure but for the cache.
#pragma once

#include "attestation/evidence.h"
#include "attestation/verify.h"
#include "base/clock.h"
#include "base/result.h"
#include "governance/state.h"

namespace vitrine::governance {

// What was found: the claims of evidence that verifies by the governed anchors and that the join
// policy lets in. denied: which of its conditions is not met, with the value found; also where the
// policy is empty, which lets nobody in. malformed: the evidence.
Result<attestation::Claims> admit(const State& state, const attestation::SnpEvidence& evidence,
                                  Time now, attestation::VerificationCache& cache);

}  // namespace vitrine::governance
