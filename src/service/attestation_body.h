// What POST /app/key and POST /app/unwrapKey have in common: the attestation object, its refusals'
// statuses.
#pragma once

#include "core/release_key.h"
#include "service/exchange.h"

namespace vitrine::service {

// The body's attestation object; nullptr where there is no body, no attestation, or one that is not
// an object.
const codec::json::Object* attestation_of(Exchange& exchange);
// Whether a member of it is there in the peers' sense: null, 0, false and "" are not.
bool has_member(const codec::json::Object& attestation, std::string_view name);
core::Judged<attestation::SnpEvidence> evidence_of(const codec::json::Object& attestation);

// The status that the peers answer with, or where the governed setting strict_peer_statuses is off,
// the plain one.
int status_of(const core::ReleaseRefusal& refusal, bool strict_peer_statuses);
// In the log and in the operators' trail.
void log_refusal(Exchange& exchange, const core::ReleaseRefusal& refusal);

}  // namespace vitrine::service
