// A node's own evidence as JSON, in CCF's members (ccf.md 9). Pure.
#pragma once

#include <string_view>

#include "attestation/evidence.h"
#include "codec/json.h"

namespace vitrine::service {

// node_id, format, raw, endorsements, measurement and, where there are any, uvm_endorsements and
// endorsed_tcb.
codec::json::Object quote_of(std::string_view node_id, const attestation::SnpEvidence& evidence);

}  // namespace vitrine::service
