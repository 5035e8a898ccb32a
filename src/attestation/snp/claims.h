// The claims of a verified SNP report (kms-api.md 6.3, attestation.md 13).
#pragma once

#include "attestation/claims_maker.h"
#include "attestation/snp/chain.h"
#include "attestation/snp/report.h"
#include "attestation/uvm/endorsement.h"

namespace vitrine::attestation::snp {

// `report` was verified with `chain`. Where the KMS contract and attestation.md name the same
// thing, the contract's name is the one claim (decisions.md, Wire).
void set_claims(ClaimsMaker& claims, const AttestationReport& report,
                const EndorsementChain& chain);
void set_claims(ClaimsMaker& claims, const uvm::Endorsement& endorsement);

}  // namespace vitrine::attestation::snp
