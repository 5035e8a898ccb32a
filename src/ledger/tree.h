// The Merkle tree of RFC 9162 2.1, over two hashers: RFC 9162's SHA-256 and CCF's shape
// (transparency.md 1, 2, 11.2, 12). Memory holds one hash per set bit of the size and the
// unfinished tiles; full tiles are read back through TileSource. Not thread-safe; core guards it. A
// copy costs what memory holds (some tens of KiB), so a batch can be appended to a copy that is
// kept once the batch is durable.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace vitrine::ledger {

enum class TreeKind : std::uint8_t { rfc9162 = 0, ccf = 1 };
Digest node_hash(TreeKind kind, const Digest& left, const Digest& right);
Digest empty_root();  // SHA-256 of nothing

inline constexpr std::uint64_t kTileWidth = 256;

// Tile (level, index): hashes of 256 full subtrees (transparency.md 5). Level 0 holds leaf hashes.
struct TileId {
  TreeKind tree = TreeKind::rfc9162;
  std::uint8_t level = 0;
  std::uint64_t index = 0;
  auto operator<=>(const TileId&) const = default;
};

class TileSource {
 public:
  virtual ~TileSource() = default;
  // The 8192 bytes of a full tile that take_finished() gave. What it returns is not trusted: proofs
  // are checked before use.
  virtual Result<Bytes> full_tile(const TileId& id) = 0;
};

class Tree {
 public:
  Tree(TreeKind kind, TileSource& tiles);

  void append(const Digest& leaf_hash);
  std::uint64_t size() const { return size_; }
  Digest root() const;
  // Full tiles that appends finished since the last call, oldest first; the caller makes them
  // durable.
  struct FinishedTile {
    TileId id;
    Bytes hashes;
  };
  std::vector<FinishedTile> take_finished();

  // What memory holds of a tree, and all that a restored one needs: per level, the hashes of the
  // unfinished tile.
  const std::vector<std::vector<Digest>>& unfinished() const { return partial_; }
  // malformed: not what a tree of `size` leaves holds.
  static Result<Tree> restore(TreeKind kind, TileSource& tiles, std::uint64_t size,
                              std::vector<std::vector<Digest>> unfinished);

  // malformed: not 1 <= first <= second <= size(), index < size. unavailable, internal: a tile
  // can't be read or does not fit (seen here where the size is size(); else verify against a signed
  // root).
  Result<Digest> root_at(std::uint64_t size) const;
  Result<std::vector<Digest>> inclusion_path(std::uint64_t index, std::uint64_t size) const;
  Result<std::vector<Digest>> consistency_path(std::uint64_t first, std::uint64_t second) const;
  // The first `width` hashes of a tile, 1 to 256, for serving. not_found: the tree does not reach
  // so far.
  Result<Bytes> tile(std::uint8_t level, std::uint64_t index, std::uint64_t width) const;

 private:
  class Hashes;  // reads tiles, each once, during one proof
  void push(std::size_t level, const Digest& hash);
  Status check_size(std::uint64_t size) const;

  TreeKind kind_;
  TileSource* tiles_;
  std::uint64_t size_ = 0;
  std::vector<Digest> frontier_;              // full subtrees of size_, largest first
  std::vector<std::vector<Digest>> partial_;  // per level, the hashes of the unfinished tile
  std::vector<FinishedTile> finished_;
};

// RFC 9162 2.1.3.2 and 2.1.4.2. denied: other root; malformed: no tree of this size has such a
// path.
Status verify_inclusion(TreeKind kind, const Digest& leaf_hash, std::uint64_t index,
                        std::uint64_t size, std::span<const Digest> path, const Digest& root);
Status verify_consistency(TreeKind kind, std::uint64_t first, std::uint64_t second,
                          std::span<const Digest> path, const Digest& first_root,
                          const Digest& second_root);

// A step of a CCF receipt's proof: which side the hash stands on.
struct PathStep {
  bool left = false;
  Digest hash;
  bool operator==(const PathStep&) const = default;
};
// The same path with sides, leaf side first, for leaf `index` of `size`.
std::vector<PathStep> with_sides(std::uint64_t index, std::uint64_t size,
                                 std::span<const Digest> path);

}  // namespace vitrine::ledger
