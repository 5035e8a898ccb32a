#include "ledger/tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>

#include "base/assert.h"
#include "base/limits.h"
#include "crypto/hash.h"

namespace vitrine::ledger {

namespace {

constexpr unsigned kTileHeight = 8;
constexpr std::size_t kTileBytes = kTileWidth * 32;

Digest digest_at(ByteView hashes, std::size_t index) {
  Digest out;
  std::memcpy(out.bytes.data(), hashes.data() + 32 * index, 32);
  return out;
}

// The root over 2^height hashes; overwrites them.
Digest fold(TreeKind kind, std::span<Digest> hashes) {
  for (std::size_t count = hashes.size(); count > 1; count /= 2) {
    for (std::size_t i = 0; i < count / 2; ++i) {
      hashes[i] = node_hash(kind, hashes[2 * i], hashes[2 * i + 1]);
    }
  }
  return hashes[0];
}

// The height of the left part of a tree of `size` > 1 leaves (transparency.md 1).
unsigned left_height(std::uint64_t size) {
  return static_cast<unsigned>(std::bit_width(size - 1)) - 1;
}

}  // namespace

Digest node_hash(TreeKind kind, const Digest& left, const Digest& right) {
  std::array<Byte, 65> bytes;
  bytes[0] = 0x01;
  std::memcpy(bytes.data() + 1, left.bytes.data(), 32);
  std::memcpy(bytes.data() + 33, right.bytes.data(), 32);
  // CCF's nodes carry no prefix (transparency.md 11.2).
  const ByteView all(bytes);
  return crypto::sha256(kind == TreeKind::rfc9162 ? all : all.subspan(1));
}

Digest empty_root() {
  static const Digest root = crypto::sha256(ByteView{});
  return root;
}

// Hashes of full subtrees, from memory or from tiles. A tile is read once however many siblings of
// a path it holds.
class Tree::Hashes {
 public:
  explicit Hashes(const Tree& tree) : tree_(tree) {}

  // The root over [start, start + 2^height), start a multiple of 2^height.
  Result<Digest> subtree(std::uint64_t start, unsigned height) {
    const unsigned level = height / kTileHeight;
    const std::uint64_t first = start >> (kTileHeight * level);
    const std::size_t count = std::size_t{1} << (height % kTileHeight);
    VITRINE_TRY(const auto hashes, tile(static_cast<std::uint8_t>(level), first / kTileWidth));
    const std::size_t offset = first % kTileWidth;
    if (hashes.size() < 32 * (offset + count)) {
      return internal(fmt::format("tile {}/{}: {} bytes are too few", level, first / kTileWidth,
                                  hashes.size()));
    }
    std::array<Digest, kTileWidth / 2> scratch;
    for (std::size_t i = 0; i < count; ++i) scratch[i] = digest_at(hashes, offset + i);
    return fold(tree_.kind_, {scratch.data(), count});
  }

  // The root over [start, end), start a multiple of the smallest power of two that covers it.
  Result<Digest> range(std::uint64_t start, std::uint64_t end) {
    const std::uint64_t size = end - start;
    if (std::has_single_bit(size)) {
      return subtree(start, static_cast<unsigned>(std::countr_zero(size)));
    }
    const unsigned height = left_height(size);
    VITRINE_TRY(const auto left, subtree(start, height));
    VITRINE_TRY(const auto right, range(start + (std::uint64_t{1} << height), end));
    return node_hash(tree_.kind_, left, right);
  }

  Result<ByteView> tile(std::uint8_t level, std::uint64_t index) {
    const std::uint64_t full = (tree_.size_ >> (kTileHeight * level)) / kTileWidth;
    if (index >= full) return in_memory(level, index);
    const TileId id{tree_.kind_, level, index};
    for (const auto& finished : tree_.finished_) {
      if (finished.id == id) return ByteView(finished.hashes);
    }
    for (const auto& [read_id, hashes] : read_) {
      if (read_id == id) return ByteView(hashes);
    }
    VITRINE_TRY(auto hashes, tree_.tiles_->full_tile(id));
    if (hashes.size() != kTileBytes) {
      return internal(fmt::format("tile {}/{}: {} bytes, a full one has {}", level, index,
                                  hashes.size(), kTileBytes));
    }
    // Moving the pairs when the vector grows leaves the bytes of each where they are.
    read_.emplace_back(id, std::move(hashes));
    return ByteView(read_.back().second);
  }

 private:
  Result<ByteView> in_memory(std::uint8_t level, std::uint64_t index) const {
    const auto& partial = tree_.partial_;
    if (level >= partial.size() || index != (tree_.size_ >> (kTileHeight * level)) / kTileWidth) {
      return internal(fmt::format("tile {}/{}: beyond the tree", level, index));
    }
    static_assert(sizeof(Digest) == 32);
    const auto& hashes = partial[level];
    return ByteView(reinterpret_cast<const Byte*>(hashes.data()), 32 * hashes.size());
  }

  const Tree& tree_;
  std::vector<std::pair<TileId, Bytes>> read_;
};

Tree::Tree(TreeKind kind, TileSource& tiles) : kind_(kind), tiles_(&tiles) {}

// One node is hashed per leaf in the long run: the merge that completes a subtree of height 8, 16,
// … is also the next hash of the level above.
void Tree::append(const Digest& leaf_hash) {
  push(0, leaf_hash);
  Digest carry = leaf_hash;
  unsigned height = 0;
  for (std::uint64_t rest = size_; (rest & 1) != 0; rest >>= 1) {
    carry = node_hash(kind_, frontier_.back(), carry);
    frontier_.pop_back();
    if (++height % kTileHeight == 0) push(height / kTileHeight, carry);
  }
  frontier_.push_back(carry);
  ++size_;
}

void Tree::push(std::size_t level, const Digest& hash) {
  if (level == partial_.size()) partial_.emplace_back().reserve(kTileWidth);
  auto& hashes = partial_[level];
  hashes.push_back(hash);
  if (hashes.size() < kTileWidth) return;
  FinishedTile finished;
  finished.id = {kind_, static_cast<std::uint8_t>(level), size_ >> (kTileHeight * (level + 1))};
  finished.hashes.reserve(kTileBytes);
  for (const Digest& each : hashes) vitrine::append(finished.hashes, each);
  finished_.push_back(std::move(finished));
  hashes.clear();
}

Result<Tree> Tree::restore(TreeKind kind, TileSource& tiles, std::uint64_t size,
                           std::vector<std::vector<Digest>> unfinished) {
  Tree tree(kind, tiles);
  tree.size_ = size;
  const std::size_t levels =
      size == 0 ? 0 : (static_cast<std::size_t>(std::bit_width(size)) - 1) / kTileHeight + 1;
  bool fits = unfinished.size() == levels;
  for (std::size_t level = 0; fits && level < levels; ++level) {
    fits = unfinished[level].size() == (size >> (kTileHeight * level)) % kTileWidth;
  }
  if (!fits) return malformed(fmt::format("tree: not the hashes that a tree of {} holds", size));
  for (auto& hashes : unfinished) hashes.reserve(kTileWidth);
  tree.partial_ = std::move(unfinished);
  // The full subtrees of a size all end in unfinished tiles.
  Hashes hashes(tree);
  for (unsigned height = 64; height-- > 0;) {
    if (((size >> height) & 1) == 0) continue;
    VITRINE_TRY(const auto root, hashes.subtree(((size >> height) ^ 1) << height, height));
    tree.frontier_.push_back(root);
  }
  return tree;
}

Digest Tree::root() const {
  if (frontier_.empty()) return empty_root();
  Digest root = frontier_.back();
  for (std::size_t i = frontier_.size() - 1; i > 0; --i) {
    root = node_hash(kind_, frontier_[i - 1], root);
  }
  return root;
}

std::vector<Tree::FinishedTile> Tree::take_finished() { return std::exchange(finished_, {}); }

Status Tree::check_size(std::uint64_t size) const {
  if (size == 0 || size > size_) {
    return malformed(fmt::format("tree: size {} is not from 1 to {}", size, size_));
  }
  return {};
}

Result<Digest> Tree::root_at(std::uint64_t size) const {
  VITRINE_CHECK(check_size(size));
  if (size == size_) return root();
  return Hashes(*this).range(0, size);
}

Result<std::vector<Digest>> Tree::inclusion_path(std::uint64_t index, std::uint64_t size) const {
  VITRINE_CHECK(check_size(size));
  if (index >= size) {
    return malformed(fmt::format("tree: index {} in a tree of {}", index, size));
  }
  Hashes hashes(*this);
  std::vector<Digest> path;
  std::uint64_t start = 0;
  std::uint64_t end = size;
  while (end - start > 1) {
    const std::uint64_t middle = start + (std::uint64_t{1} << left_height(end - start));
    const bool in_left = index < middle;
    VITRINE_TRY(const auto sibling,
                in_left ? hashes.range(middle, end) : hashes.range(start, middle));
    path.push_back(sibling);
    (in_left ? end : start) = middle;
  }
  std::reverse(path.begin(), path.end());
  if (size == size_) {
    VITRINE_TRY(const auto leaf, hashes.subtree(index, 0));
    if (!verify_inclusion(kind_, leaf, index, size, path, root())) {
      return internal(fmt::format("tree: stored tiles do not fit the root at size {}", size),
                      "the ledger's tiles are damaged; its entries can rebuild them");
    }
  }
  return path;
}

Result<std::vector<Digest>> Tree::consistency_path(std::uint64_t first,
                                                   std::uint64_t second) const {
  VITRINE_CHECK(check_size(second));
  if (first == 0 || first > second) {
    return malformed(fmt::format("tree: size {} is not from 1 to {}", first, second));
  }
  std::vector<Digest> path;
  if (first == second) return path;
  Hashes hashes(*this);
  std::uint64_t start = 0;
  std::uint64_t end = second;
  // SUBPROOF of RFC 9162 2.1.4.1, from the root down; `start` moves once the older tree is more
  // than the left part.
  while (first != end) {
    const std::uint64_t middle = start + (std::uint64_t{1} << left_height(end - start));
    const bool in_left = first <= middle;
    VITRINE_TRY(const auto sibling,
                in_left ? hashes.range(middle, end) : hashes.range(start, middle));
    path.push_back(sibling);
    (in_left ? end : start) = middle;
  }
  if (start != 0) {
    VITRINE_TRY(const auto anchor, hashes.range(start, end));
    path.push_back(anchor);
  }
  std::reverse(path.begin(), path.end());
  if (second == size_) {
    VITRINE_TRY(const auto first_root, hashes.range(0, first));
    if (!verify_consistency(kind_, first, second, path, first_root, root())) {
      return internal(fmt::format("tree: stored tiles do not fit the root at size {}", second),
                      "the ledger's tiles are damaged; its entries can rebuild them");
    }
  }
  return path;
}

Result<Bytes> Tree::tile(std::uint8_t level, std::uint64_t index, std::uint64_t width) const {
  if (width == 0 || width > kTileWidth) {
    return malformed(
        fmt::format("tile {}/{}: width {} is not from 1 to {}", level, index, width, kTileWidth));
  }
  const std::uint64_t hashes = level < 8 ? size_ >> (kTileHeight * level) : 0;
  if (hashes < width || index > (hashes - width) / kTileWidth) {
    return not_found(fmt::format("tile {}/{} of width {}: a tree of {} does not reach so far",
                                 level, index, width, size_));
  }
  Hashes reader(*this);
  VITRINE_TRY(const auto bytes, reader.tile(level, index));
  return to_bytes(bytes.first(32 * width));
}

}  // namespace vitrine::ledger
