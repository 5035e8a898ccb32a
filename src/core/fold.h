// The fold: what one entry does to the state. The same code runs when a node appends and when
// anyone replays, and it validates what it folds. Pure.
#pragma once

#include "base/result.h"
#include "core/state.h"
#include "governance/fold.h"
#include "ledger/leaf.h"

namespace vitrine::core {

// The view of the next entry if it is of that kind: 2 at genesis, one more at each later
// node_started.
std::uint64_t next_view(const State& state, ledger::Kind kind);

// What governance may look at beside its own state; of `state`, which outlives it.
governance::Facts facts_of(const State& state);

// Applies the effects of an entry whose governance reference is not known yet, and sets
// state.governance_ref to what it is after the entry. `leaf_bytes` matter for the first entry alone
// (the genesis hash is theirs). `blob` is empty if there is none. Changes nothing unless it
// succeeds; an error says why this state does not allow the entry.
Status apply_effects(State& state, const ledger::Leaf& leaf, ByteView leaf_bytes, ByteView blob);

// Applies a stored entry: its position, time, view and governance reference must be as this state
// demands.
Status apply_stored(State& state, const ledger::Leaf& leaf, ByteView leaf_bytes, ByteView blob);

}  // namespace vitrine::core
