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

Result<ledger::Roots> TreePair::roots_at(std::uint64_t size) const {
  VITRINE_TRY(const Digest rfc9162_root, rfc9162.root_at(size));
  VITRINE_TRY(const Digest ccf_root, ccf.root_at(size));
  return ledger::Roots{size, rfc9162_root, ccf_root};
}

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

}  // namespace vitrine::core
