// Reads a store's first entries again, a portion at a time, and compares what they hash to with the
// tiles and with roots that are known to be right.
#pragma once

#include "core/trees.h"

namespace vitrine::core {

class HistoryCheck {
 public:
  // `expected`: the roots over the entries to be read.
  HistoryCheck(const storage::Store& store, TilesOfStore& tiles, const ledger::Roots& expected)
      : store_(store), expected_(expected), trees_(tiles) {}

  bool done() const { return trees_.size() == expected_.size; }
  // Up to `entries` more. denied, internal: names store, entry or range of entries, and reason.
  Status read_more(std::uint64_t entries);
  // Tiles that the store lacks or has otherwise, while the entries are right.
  std::vector<storage::Tile> take_damaged_tiles() { return std::exchange(damaged_, {}); }

 private:
  Status read_entry(std::uint64_t index, const storage::Record& record);
  Status compare_tiles();

  const storage::Store& store_;
  const ledger::Roots expected_;
  TreePair trees_;
  std::vector<storage::Tile> damaged_;
};

}  // namespace vitrine::core
