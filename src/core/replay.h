// Replay: folds a store's entries and checks each against what the service's secrets vouch for.
// Nothing is folded into a running node that neither a batch tag nor a signed head covers
// (transparency.md 12).
#pragma once

#include "core/secrets.h"
#include "core/state.h"
#include "core/trees.h"
#include "storage/store.h"

namespace vitrine::core {

// The state after the last entry; `trees` then hold every leaf. denied, malformed: names store,
// entry and reason.
Result<State> replay(const storage::Store& store, const ServiceSecrets& secrets, Trees& trees);

}  // namespace vitrine::core
