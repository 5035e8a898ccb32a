// The state as bytes, for snapshots (docs/formats/snapshot.md). One encoding for each state, so
// that its hash names the state. Pure.
#pragma once

#include "base/result.h"
#include "core/state.h"

namespace vitrine::core {

Bytes encode_state(const State& state);
// malformed: names the part. What a part says of itself is believed; whoever calls knows that a
// node of this service wrote it.
Result<State> decode_state(ByteView bytes);

}  // namespace vitrine::core
