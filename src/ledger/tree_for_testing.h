// Tiles kept in memory, and the tree as RFC 9162 2.1.1 defines it, by recursion over all leaves.
#pragma once

#include <bit>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "ledger/leaf.h"
#include "ledger/tree.h"

namespace vitrine::ledger {

class TilesInMemory final : public TileSource {
 public:
  Result<Bytes> full_tile(const TileId& id) override {
    ++reads;
    const auto found = tiles.find(id);
    if (found == tiles.end()) return not_found("no such tile");
    return found->second;
  }
  // Appends and stores what was finished, as core does.
  void append(Tree& tree, const Digest& leaf_hash) {
    tree.append(leaf_hash);
    for (auto& finished : tree.take_finished()) tiles[finished.id] = std::move(finished.hashes);
  }
  std::map<TileId, Bytes> tiles;
  unsigned reads = 0;
};

inline Digest root_by_definition(TreeKind kind, std::span<const Digest> leaves) {
  if (leaves.empty()) return empty_root();
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = std::bit_floor(leaves.size() - 1);
  return node_hash(kind, root_by_definition(kind, leaves.first(k)),
                   root_by_definition(kind, leaves.subspan(k)));
}

inline std::vector<Digest> path_by_definition(TreeKind kind, std::size_t index,
                                              std::span<const Digest> leaves) {
  if (leaves.size() <= 1) return {};
  const std::size_t k = std::bit_floor(leaves.size() - 1);
  const bool left = index < k;
  auto path = left ? path_by_definition(kind, index, leaves.first(k))
                   : path_by_definition(kind, index - k, leaves.subspan(k));
  path.push_back(root_by_definition(kind, left ? leaves.subspan(k) : leaves.first(k)));
  return path;
}

}  // namespace vitrine::ledger
