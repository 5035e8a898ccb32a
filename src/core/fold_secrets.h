// What entries about keys, certificates and recovery shares do to the state: governance/custody.h,
// as core holds it. Pure.
#pragma once

#include "core/state.h"
#include "ledger/leaf.h"

namespace vitrine::core {

// An entry of a kind that governance::is_custody_entry() names. Changes nothing unless it succeeds.
Status fold_secrets(State& state, const ledger::Leaf& leaf, ByteView blob);

}  // namespace vitrine::core
