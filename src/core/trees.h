// Both trees over the same entries, as they stand at one size. The sequencer grows a copy; a view
// holds what it grew, immutable, and readers take proofs from that. Full tiles are read back from
// the store.
#pragma once

#include <vector>

#include "ledger/leaf.h"
#include "ledger/tree.h"
#include "storage/store.h"

namespace vitrine::core {

// Safe from any thread.
class TilesOfStore final : public ledger::TileSource {
 public:
  explicit TilesOfStore(const storage::Store& store) : store_(store) {}
  Result<Bytes> full_tile(const ledger::TileId& id) override;

 private:
  const storage::Store& store_;
};

struct TreePair {
  explicit TreePair(ledger::TileSource& tiles)
      : rfc9162(ledger::TreeKind::rfc9162, tiles), ccf(ledger::TreeKind::ccf, tiles) {}
  TreePair(ledger::Tree rfc9162_tree, ledger::Tree ccf_tree)
      : rfc9162(std::move(rfc9162_tree)), ccf(std::move(ccf_tree)) {}
  ledger::Tree rfc9162;
  ledger::Tree ccf;

  void append(ByteView leaf_bytes, const ledger::Leaf& leaf);
  std::uint64_t size() const { return rfc9162.size(); }
  ledger::Roots roots() const;
  Result<ledger::Roots> roots_at(std::uint64_t size) const;
  std::vector<storage::Tile> take_finished();
};

}  // namespace vitrine::core
