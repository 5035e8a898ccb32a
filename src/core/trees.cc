#include "core/trees.h"

namespace vitrine::core {

Result<Bytes> TilesOfStore::full_tile(const ledger::TileId& id) {
  return store_.tile(static_cast<std::uint8_t>(id.tree), id.level, id.index);
}

void TreePair::append(ByteView leaf_bytes, const ledger::Leaf& leaf) {
  rfc9162.append(ledger::rfc9162_leaf_hash(leaf_bytes));
  ccf.append(ledger::ccf_leaf_hash(leaf_bytes, leaf));
}

ledger::Roots TreePair::roots() const { return {rfc9162.size(), rfc9162.root(), ccf.root()}; }

std::vector<storage::Tile> TreePair::take_finished() {
  std::vector<storage::Tile> tiles;
  for (ledger::Tree* tree : {&rfc9162, &ccf}) {
    for (auto& finished : tree->take_finished()) {
      tiles.push_back({static_cast<std::uint8_t>(finished.id.tree), finished.id.level,
                       finished.id.index, std::move(finished.hashes)});
    }
  }
  return tiles;
}

Trees::Trees(const storage::Store& store)
    : tiles_(store), pair_(std::make_shared<const TreePair>(tiles_)) {}

std::shared_ptr<const TreePair> Trees::current() const {
  const Lock lock(mutex_);
  return pair_;
}

std::unique_ptr<TreePair> Trees::copy() const { return std::make_unique<TreePair>(*current()); }

void Trees::publish(std::unique_ptr<TreePair> grown) {
  std::shared_ptr<const TreePair> next = std::move(grown);
  const Lock lock(mutex_);
  pair_ = std::move(next);
}

ledger::Roots Trees::roots() const { return current()->roots(); }

Result<std::vector<Digest>> Trees::inclusion_path(ledger::TreeKind kind, std::uint64_t index,
                                                  std::uint64_t size) const {
  const auto pair = current();
  return (kind == ledger::TreeKind::ccf ? pair->ccf : pair->rfc9162).inclusion_path(index, size);
}

Result<std::vector<Digest>> Trees::consistency_path(ledger::TreeKind kind, std::uint64_t first,
                                                    std::uint64_t second) const {
  const auto pair = current();
  return (kind == ledger::TreeKind::ccf ? pair->ccf : pair->rfc9162)
      .consistency_path(first, second);
}

}  // namespace vitrine::core
