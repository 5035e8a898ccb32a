// Governance as JSON, in both forms of the API (ccf.md 3, 4). Pure.
#pragma once

#include <string_view>

#include "attestation/evidence.h"
#include "codec/json.h"
#include "core/state.h"
#include "governance/proceedings.h"
#include "governance/state.h"

namespace vitrine::service {

// "Open", "Opening"
std::string_view service_status(const governance::State& state);
// {"member","since"}; null: not frozen.
codec::json::Value frozen_document(const governance::State& state);
codec::json::Object info_document(const core::State& state);

codec::json::Object proposal_document(const governance::Proposal& proposal);
codec::json::Object member_document(std::string_view id, const governance::Member& member);
codec::json::Object user_document(std::string_view id, const governance::User& user);
codec::json::Object node_document(std::string_view id, const governance::NodeRecord& node);
// quoteInfo of a node that shows this evidence.
codec::json::Object quote_info(const attestation::SnpEvidence& evidence);
codec::json::Object join_policy_document(const governance::JoinPolicy& policy);
codec::json::Object jwk_document(const governance::State& state);

// The classic form: what a request about a proposal is answered with, and the proposal itself.
codec::json::Object classic_summary(const governance::Proposal& proposal);
codec::json::Object classic_proposal(const governance::Proposal& proposal);
codec::json::Object classic_members(const governance::State& state);   // by id
codec::json::Object classic_jwt_keys(const governance::State& state);  // by kid

}  // namespace vitrine::service
