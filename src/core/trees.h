// Both trees over the same entries. The sequencer grows a copy and publishes it once its batch is
// durable; readers take proofs from what is published. Full tiles are read back from the store.
// Safe from any thread; one writer.
#pragma once

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "ledger/leaf.h"
#include "ledger/tree.h"
#include "storage/store.h"

namespace vitrine::core {

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
  ledger::Tree rfc9162;
  ledger::Tree ccf;

  void append(ByteView leaf_bytes, const ledger::Leaf& leaf);
  ledger::Roots roots() const;
  std::vector<storage::Tile> take_finished();
};

class Trees {
 public:
  explicit Trees(const storage::Store& store);
  std::unique_ptr<TreePair> copy() const;
  void publish(std::unique_ptr<TreePair> grown);
  ledger::Roots roots() const;
  // Of leaf `index` in the tree of `size` entries, leaf side first.
  Result<std::vector<Digest>> inclusion_path(ledger::TreeKind kind, std::uint64_t index,
                                             std::uint64_t size) const;
  Result<std::vector<Digest>> consistency_path(ledger::TreeKind kind, std::uint64_t first,
                                               std::uint64_t second) const;

 private:
  std::shared_ptr<const TreePair> current() const;
  TilesOfStore tiles_;
  mutable Mutex mutex_;
  std::shared_ptr<const TreePair> pair_ VITRINE_GUARDED_BY(mutex_);
};

}  // namespace vitrine::core
