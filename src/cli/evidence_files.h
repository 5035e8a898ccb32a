// Evidence from files: one JSON object, a folder of parts, or parts in any order, recognised by
// their content. Nothing here verifies anything.
#pragma once

#include <string>

#include "attestation/evidence.h"
#include "base/bytes.h"
#include "base/result.h"
#include "cli/commands.h"

namespace vitrine::cli {

// What was found; each part may be absent.
struct EvidenceParts {
  Bytes report;
  std::string endorsements;  // PEM of three certificates, or THIM's JSON
  Bytes uvm_endorsements;
  std::string endorsed_tcb;
  std::string wrapping_key_pem;
  // Raw files carry no endorsed_tcb beside a UVM endorsement: then the report's own is used.
  bool endorsed_tcb_assumed = false;

  attestation::SnpEvidence to_evidence() const {
    return {report, endorsements, uvm_endorsements, endorsed_tcb};
  }
};

// malformed: a file that is no part of evidence, the same part twice, or nothing at all.
Result<EvidenceParts> read_evidence(const EvidenceOptions& options);
// The same, and there is a report with endorsements.
Result<attestation::SnpEvidence> read_snp_evidence(const EvidenceOptions& options);

}  // namespace vitrine::cli
