// What a start finds on its disk: the newest snapshot that holds and the entries after it, or else
// all entries, and that they extend the last head this node sealed.
#pragma once

#include "core/node_files.h"
#include "core/replay.h"

namespace vitrine::core {

struct Recovered {
  Replayed replayed;
  // Where the fold began: entries before that were not read, as a snapshot stood for them. Size 0:
  // at the first.
  ledger::Roots folded_from;
};

// denied: no last head, or the store does not extend it; otherwise as replay(). A snapshot that is
// damaged, foreign or named by no entry is ignored with a warning.
Result<Recovered> recover(const storage::Store& store, const NodeFiles& files,
                          const ServiceSecrets& secrets, TilesOfStore& tiles);

}  // namespace vitrine::core
