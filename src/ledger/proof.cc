// Checking proofs (RFC 9162 2.1.3.2, 2.1.4.2; transparency.md 2).
#include <fmt/format.h>

#include <bit>

#include "base/limits.h"
#include "ledger/tree.h"

namespace vitrine::ledger {

namespace {

// Walks from leaf `index` up a tree of `size`: at each step the sibling stands left or right.
class Walk {
 public:
  Walk(std::uint64_t index, std::uint64_t size) : fn_(index), sn_(size - 1) {}
  bool at_root() const { return sn_ == 0; }
  // Whether the next sibling stands left; moves up.
  bool next_is_left() {
    const bool left = (fn_ & 1) != 0 || fn_ == sn_;
    if (left) {
      // A right edge without sibling has no hash of its own.
      while ((fn_ & 1) == 0 && fn_ != 0) shift();
    }
    shift();
    return left;
  }
  void skip_left_siblings() {
    while ((fn_ & 1) != 0) shift();
  }

 private:
  void shift() {
    fn_ >>= 1;
    sn_ >>= 1;
  }
  std::uint64_t fn_;
  std::uint64_t sn_;
};

tl::unexpected<Error> misfit(std::string_view what, std::size_t hashes) {
  return malformed(
      fmt::format("{}: no tree of this size has such a path of {} hashes", what, hashes));
}

}  // namespace

Status verify_inclusion(TreeKind kind, const Digest& leaf_hash, std::uint64_t index,
                        std::uint64_t size, std::span<const Digest> path, const Digest& root) {
  if (index >= size) {
    return malformed(fmt::format("inclusion proof: index {} in a tree of {}", index, size));
  }
  Walk walk(index, size);
  Digest folded = leaf_hash;
  for (const Digest& sibling : path) {
    if (walk.at_root()) return misfit("inclusion proof", path.size());
    folded =
        walk.next_is_left() ? node_hash(kind, sibling, folded) : node_hash(kind, folded, sibling);
  }
  if (!walk.at_root()) return misfit("inclusion proof", path.size());
  if (folded != root) return denied("inclusion proof: leads to another root");
  return {};
}

Status verify_consistency(TreeKind kind, std::uint64_t first, std::uint64_t second,
                          std::span<const Digest> path, const Digest& first_root,
                          const Digest& second_root) {
  // That everything extends the empty tree is the caller's to say (transparency.md 2.2, Rule).
  if (first == 0 || first > second) {
    return malformed(fmt::format("consistency proof: from size {} to {}", first, second));
  }
  if (first == second) {
    if (!path.empty()) return misfit("consistency proof", path.size());
    if (first_root != second_root) return denied("consistency proof: two roots at one size");
    return {};
  }
  if (path.empty()) return misfit("consistency proof", 0);
  const bool first_is_whole = std::has_single_bit(first);
  Walk walk(first - 1, second);
  walk.skip_left_siblings();
  Digest first_folded = first_is_whole ? first_root : path.front();
  Digest second_folded = first_folded;
  for (const Digest& sibling : path.subspan(first_is_whole ? 0 : 1)) {
    if (walk.at_root()) return misfit("consistency proof", path.size());
    if (walk.next_is_left()) {
      first_folded = node_hash(kind, sibling, first_folded);
      second_folded = node_hash(kind, sibling, second_folded);
    } else {
      second_folded = node_hash(kind, second_folded, sibling);
    }
  }
  if (!walk.at_root()) return misfit("consistency proof", path.size());
  if (first_folded != first_root) return denied("consistency proof: leads to another older root");
  if (second_folded != second_root) return denied("consistency proof: leads to another newer root");
  return {};
}

std::vector<PathStep> with_sides(std::uint64_t index, std::uint64_t size,
                                 std::span<const Digest> path) {
  std::vector<PathStep> steps;
  steps.reserve(path.size());
  Walk walk(index, size);
  for (const Digest& hash : path) steps.push_back({walk.next_is_left(), hash});
  return steps;
}

}  // namespace vitrine::ledger
