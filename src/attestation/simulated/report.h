// Writes attestation reports in the true format: the inverse of snp::parse_report. The simulated
// attester, tests and fuzzing use it.
#pragma once

#include "attestation/snp/report.h"
#include "base/bytes.h"
#include "base/result.h"
#include "crypto/key.h"

namespace vitrine::attestation::simulated {

// All 1184 bytes, as the fields say, signature included.
Bytes encode_report(const snp::AttestationReport& report);
// The bytes with r and s replaced by a signature of `key` (EC P-384) over the signed part. For
// reports whose bytes a test has altered, too: asserts the size alone.
Result<Bytes> sign_report(Bytes report, const crypto::PrivateKey& key);

}  // namespace vitrine::attestation::simulated
