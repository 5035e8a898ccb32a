// What a start finds on its disk: the newest snapshot that holds and the entries after it, or else
// all entries, and that they extend the last head this node sealed.
#pragma once

#include <optional>

#include "core/node_files.h"
#include "core/replay.h"

namespace vitrine::core {

struct Recovered {
  Replayed replayed;
  // Where the fold began: entries before that were not read, as a snapshot stood for them. Size 0:
  // at the first.
  ledger::Roots folded_from;
};

// What a start takes for the last head that its node sealed.
struct LastHeadAtStart {
  std::optional<ledger::Roots> instead = std::nullopt;        // of the file
  std::optional<ledger::Roots> where_missing = std::nullopt;  // size 0: of none
  // Heads that others vouch for. Where there are any no snapshot is used: every entry is folded.
  KnownHeads known;
};

// denied: no last head, or the store does not extend it; otherwise as replay(). A snapshot that is
// damaged, foreign or named by no entry is ignored with a warning.
Result<Recovered> recover(const storage::Store& store, const NodeFiles& files,
                          const ServiceSecrets& secrets, TilesOfStore& tiles,
                          const LastHeadAtStart& last_head = {});

}  // namespace vitrine::core
