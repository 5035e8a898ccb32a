// Governance requests (ccf.md 2 to 4): a signed envelope checked against the newest state,
// appended, and what became of it.
#pragma once

#include <functional>

#include "core/core.h"
#include "governance/fold.h"

namespace vitrine::core {

struct Governed {
  std::string signer;  // id
  // Of proposals, ballots and withdrawals: as it is after the entry. `changed` false: nothing was
  // appended, the request said what had been said before.
  governance::Submitted submitted;
  Digest state_digest;       // of an updated state digest
  ledger::TransactionId id;  // of the entry; of the newest where nothing changed
};

// The request, verified by a view: what each of those below does first. What stands in the recent
// window is refused before its signature is verified, so that replays cost next to nothing.
governance::Outcome<governance::SignedRequest> verify_request(const View& view, ByteView envelope,
                                                              governance::MessageType type,
                                                              governance::Signers signers);

// Each refuses with `failed` and unavailable while the node is unconfirmed.
governance::Outcome<Governed> submit_proposal(Core& core, ByteView envelope);
// POST /app/proposals outside dev: a listed user's envelope as an ordinary open proposal.
// invalid_created_at: not within 10 minutes of now (decisions.md, Wire). not_validated: also an
// action that is none of the four policies.
governance::Outcome<Governed> submit_app_proposal(Core& core, ByteView envelope);
// `check` looks at the verified request before it is judged (that path and envelope name the same
// member and proposal); its error refuses. Empty: nothing more is checked.
using Precheck = std::function<governance::Outcome<void>(const governance::SignedRequest&)>;
governance::Outcome<Governed> submit_ballot(Core& core, ByteView envelope, const Precheck& check);
governance::Outcome<Governed> withdraw_proposal(Core& core, ByteView envelope,
                                                const Precheck& check);
governance::Outcome<Governed> update_state_digest(Core& core, ByteView envelope,
                                                  const Precheck& check);
governance::Outcome<Governed> acknowledge(Core& core, ByteView envelope, const Precheck& check);

// Appends proposal_applied for every open proposal whose waiting time is over. Called by the upkeep
// thread.
Status apply_due_proposals(Core& core);

}  // namespace vitrine::core
