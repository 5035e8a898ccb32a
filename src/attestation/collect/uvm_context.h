// What Azure lays beside a confidential container: the chain of its chip's key, and who vouches for
// its utility VM (sidecar-api.md).
#pragma once

#include <string>

#include "attestation/evidence.h"

namespace vitrine::attestation::collect {

// All of an evidence but its report. malformed: names the file. not_found: one is missing.
Result<SnpEvidence> read_uvm_context(const std::string& folder);

}  // namespace vitrine::attestation::collect
