// POST /app/proposals: a registered user's signed envelope whose policy actions apply at once
// (kms-api.md 2.9).
#pragma once

#include <string>
#include <vector>

#include "core/core.h"
#include "governance/actions.h"

namespace vitrine::core {

enum class ProposalRefused {
  signature,       // the framework's COSE check: 401
  no_payload,      // the identity check of the KMS: 401
  too_old,         // created_at, or an envelope known already: 400
  unknown_action,  // 404
  invalid,         // an action's arguments: framework 500 in the peers
  failed,
};
struct ProposalRefusal {
  ProposalRefused step = ProposalRefused::failed;
  Error error;
};

struct AcceptedProposal {
  std::string proposer;                 // user id
  std::vector<std::string> action_ids;  // in order; hex (governance::app_proposal_id)
  ledger::TransactionId id;
};

tl::expected<AcceptedProposal, ProposalRefusal> accept_proposal(Core& core, ByteView envelope);

}  // namespace vitrine::core
