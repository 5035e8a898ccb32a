// proposal_accepted: a user's envelope of POST /app/proposals whose policy actions apply at once,
// in dev alone (kms-api.md 2.9, 12.2 #6).
#pragma once

#include "governance/fold.h"

namespace vitrine::governance {

// The actions of such a proposal: there may be none, and which names there are is judged when they
// apply, as its peers have it. malformed: another shape, over 64.
Result<std::vector<Action>> app_actions_from_json(const codec::json::Object& proposal);

// denied: not in dev. conflict: an envelope that is older than the newest, or was accepted before.
// not_found: no such action. The envelope is verified again: the store vouches for nothing.
Status fold_app_proposal(Folded& folded, const ledger::Leaf& leaf, ByteView blob);

}  // namespace vitrine::governance
