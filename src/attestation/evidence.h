// Evidence and endorsements as they came from outside: bytes that nothing vouches for yet.
#pragma once

#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/json.h"

namespace vitrine::attestation {

// An SNP report with its endorsements: raw, or with what Azure confidential containers add
// (attestation.md 4).
struct SnpEvidence {
  Bytes report;
  std::string endorsements;  // PEM: VCEK or VLEK, ASK or ASVK, ARK; or THIM's JSON
  Bytes uvm_endorsements;    // COSE_Sign1; empty for raw SNP
  std::string endorsed_tcb;  // 16 hex digits in either byte order; empty for raw SNP
};

// The request's attestation object (kms-api.md 6.1): evidence, endorsements, uvm_endorsements
// (base64), endorsed_tcb. malformed names the member: absent, null, 0, false, not text, junk in
// base64, over the size bounds.
Result<SnpEvidence> snp_evidence_from_json(const codec::json::Object& attestation);
codec::json::Object to_json(const SnpEvidence& evidence);

}  // namespace vitrine::attestation
