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

// Of those claims the ones that the join policy judges, for the ledger: measurement, host data, and
// what vouches for a utility VM.
attestation::ClaimMap judged_claims(const attestation::Claims& claims);
// What the ledger says of an admission, held against the policy in force at that entry. denied: the
// measurement or the host data are not let in. The TCB is not recorded.
Status check_recorded_admission(const JoinPolicy& policy, const attestation::ClaimMap& recorded);

}  // namespace vitrine::governance
