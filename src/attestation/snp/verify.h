// The checks that tie an SNP report to its endorsements, in the order of attestation.md 3.5.
#pragma once

#include "attestation/snp/chain.h"
#include "attestation/snp/report.h"
#include "base/bytes.h"
#include "base/result.h"
#include "crypto/p384/verifier.h"

namespace vitrine::attestation::snp {

// Step 2: which kind of certificate the report asks for. denied: none, a reserved kind, or the chip
// key is masked (then nothing can bind the report to a chip).
Result<EndorsementKey> expected_key(const AttestationReport& report);

// Steps 2, 3: that the chain is of the kind and the product the report names.
Status check_kind_and_product(const AttestationReport& report, EndorsementKey expected,
                              const EndorsementChain& chain);

// Step 4, over the bytes as received. `chain` verified: its key may be remembered in `signatures`.
Status check_signature(ByteView report_bytes, const AttestationReport& report,
                       const EndorsementChain& chain, crypto::p384::Verifier& signatures);

// Step 5: SVNs, HWID or the absence of a chip id; THIM's tcbm where there was one.
Status check_against_certificate(const AttestationReport& report, const EndorsementChain& chain);

// Step 6: debug and migration agent off, bit 17 on.
Status check_guest_policy(const AttestationReport& report);

// kms-api.md 6.2 step 7: `endorsed_tcb` is reported_tcb in either byte order.
Status check_endorsed_tcb(const AttestationReport& report, std::string_view endorsed_tcb);

}  // namespace vitrine::attestation::snp
