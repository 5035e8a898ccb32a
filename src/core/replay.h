// Replay: folds a store's entries, from the first or from a snapshot, and checks each against what
// the service's secrets vouch for. Nothing is folded into a running node that neither a batch tag
// nor a signed head covers (transparency.md 12).
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "core/secrets.h"
#include "core/state.h"
#include "core/trees.h"
#include "ledger/entries.h"
#include "storage/store.h"

namespace vitrine::core {

struct Replayed {
  State state;  // after the last entry
  std::unique_ptr<TreePair> trees;
  std::vector<ledger::SnapshotTaken> snapshots;  // of the entries folded
  // Tiles of the entries folded that the store lacks or has otherwise: they follow from the leaves
  // and can be written again.
  std::vector<storage::Tile> repairs;
};

// Folds the entries from `begin.size` on; empty and a pair of empty trees are the beginning.
// `last_head`: what this node vouched for last, which the store must extend; `last_head_name` names
// its file. denied, malformed: names store, entry and reason.
struct ReplayFrom {
  State state;
  TreePair trees;
};
// RFC 9162 roots by size: heads that others vouch for, each of which the store must extend.
using KnownHeads = std::map<std::uint64_t, Digest>;
Result<Replayed> replay(const storage::Store& store, const ServiceSecrets& secrets,
                        const ReplayFrom& begin, const ledger::Roots& last_head,
                        const std::string& last_head_name, const KnownHeads& known = {});

}  // namespace vitrine::core
