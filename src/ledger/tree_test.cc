#include "ledger/tree.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "crypto/hash.h"
#include "ledger/tree_for_testing.h"

namespace vitrine::ledger {

namespace {

Digest leaf_of(std::uint64_t index) {
  return rfc9162_leaf_hash(as_bytes("entry " + std::to_string(index)));
}

class TreeOf : public ::testing::TestWithParam<TreeKind> {
 protected:
  TreeOf() : tree_(GetParam(), tiles_) {}
  void grow_to(std::uint64_t size) {
    while (tree_.size() < size) {
      leaves_.push_back(leaf_of(tree_.size()));
      tiles_.append(tree_, leaves_.back());
    }
  }
  std::span<const Digest> first(std::uint64_t count) const {
    return std::span(leaves_).first(count);
  }

  TilesInMemory tiles_;
  Tree tree_;
  std::vector<Digest> leaves_;
};

std::string name_of_kind(const ::testing::TestParamInfo<TreeKind>& kind) {
  return kind.param == TreeKind::rfc9162 ? "Rfc9162" : "Ccf";
}

INSTANTIATE_TEST_SUITE_P(Tree, TreeOf, ::testing::Values(TreeKind::rfc9162, TreeKind::ccf),
                         name_of_kind);

}  // namespace

TEST(Tree, HashesNodesWithAndWithoutPrefix) {
  const Digest left = leaf_of(1);
  const Digest right = leaf_of(2);
  const Byte one[] = {1};
  EXPECT_EQ(node_hash(TreeKind::rfc9162, left, right), crypto::sha256({one, left, right}));
  EXPECT_EQ(node_hash(TreeKind::ccf, left, right), crypto::sha256({left, right}));
  EXPECT_EQ(to_hex(empty_root()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST_P(TreeOf, HasTheRootOfItsDefinitionAtEverySize) {
  EXPECT_EQ(tree_.root(), empty_root());
  for (std::uint64_t size = 1; size <= 600; ++size) {
    grow_to(size);
    ASSERT_EQ(tree_.root(), root_by_definition(GetParam(), leaves_)) << size;
  }
  for (std::uint64_t size = 1; size <= 600; ++size) {
    const auto root = tree_.root_at(size);
    ASSERT_TRUE(root) << root.error().message;
    ASSERT_EQ(*root, root_by_definition(GetParam(), first(size))) << size;
  }
}

TEST_P(TreeOf, IsRestoredFromWhatMemoryHeldAndGrowsOn) {
  for (const std::uint64_t size : {0U, 1U, 255U, 256U, 257U, 511U, 512U, 600U}) {
    grow_to(size);
    auto restored = Tree::restore(GetParam(), tiles_, size, tree_.unfinished());
    ASSERT_TRUE(restored) << size << ": " << restored.error().message;
    EXPECT_EQ(restored->root(), tree_.root()) << size;
    restored->append(leaf_of(size));
    grow_to(size + 1);
    EXPECT_EQ(restored->root(), tree_.root()) << size;
    EXPECT_EQ(restored->unfinished(), tree_.unfinished()) << size;
    EXPECT_TRUE(restored->inclusion_path(0, size + 1)) << "read through the same tiles";
  }
}

TEST_P(TreeOf, IsNotRestoredFromTheHashesOfAnotherSize) {
  grow_to(300);
  for (const std::uint64_t size : {0U, 1U, 44U, 299U, 301U, 556U, 65'836U}) {
    const auto refused = Tree::restore(GetParam(), tiles_, size, tree_.unfinished());
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().message,
              "tree: not the hashes that a tree of " + std::to_string(size) + " holds");
  }
}

TEST_P(TreeOf, GivesThePathsOfItsDefinition) {
  grow_to(531);
  for (const std::uint64_t size :
       {1U, 2U, 3U, 7U, 8U, 100U, 255U, 256U, 257U, 300U, 512U, 513U, 531U}) {
    const Digest root = *tree_.root_at(size);
    for (std::uint64_t index = 0; index < size; index += 1 + index / 7) {
      const auto path = tree_.inclusion_path(index, size);
      ASSERT_TRUE(path) << path.error().message;
      ASSERT_EQ(*path, path_by_definition(GetParam(), index, first(size))) << index << " " << size;
      ASSERT_TRUE(verify_inclusion(GetParam(), leaves_[index], index, size, *path, root));
    }
  }
}

TEST_P(TreeOf, GivesConsistencyPathsThatVerify) {
  grow_to(300);
  for (std::uint64_t second = 1; second <= 300; second += 1 + second / 9) {
    for (std::uint64_t from = 1; from <= second; from += 1 + from / 5) {
      const auto path = tree_.consistency_path(from, second);
      ASSERT_TRUE(path) << path.error().message;
      const Status verified = verify_consistency(GetParam(), from, second, *path,
                                                 *tree_.root_at(from), *tree_.root_at(second));
      ASSERT_TRUE(verified) << from << " " << second << " " << verified.error().message;
    }
  }
}

TEST_P(TreeOf, ReadsEachTileOnceForAPath) {
  grow_to(70'000);
  tiles_.reads = 0;
  ASSERT_TRUE(tree_.inclusion_path(5, 70'000));
  // Level 0: the leaf's own tile. Level 1: the tile over it. The rest is in memory.
  EXPECT_EQ(tiles_.reads, 2U);
}

TEST_P(TreeOf, FinishesTilesInOrder) {
  for (std::uint64_t i = 0; i < 256 * 256; ++i) tree_.append(leaf_of(i));
  // Before they are taken, proofs read them all the same.
  EXPECT_TRUE(tree_.inclusion_path(3, 1000));
  const auto finished = tree_.take_finished();
  ASSERT_EQ(finished.size(), 257U);
  EXPECT_EQ(finished[0].id, (TileId{GetParam(), 0, 0}));
  EXPECT_EQ(finished[255].id, (TileId{GetParam(), 0, 255}));
  EXPECT_EQ(finished[256].id, (TileId{GetParam(), 1, 0}));
  for (const auto& tile : finished) EXPECT_EQ(tile.hashes.size(), 8192U);
  EXPECT_TRUE(same(ByteView(finished[0].hashes).subspan(32, 32), leaf_of(1)));
  EXPECT_TRUE(tree_.take_finished().empty());
  for (const auto& tile : finished) tiles_.tiles[tile.id] = tile.hashes;
  EXPECT_TRUE(same(ByteView(finished[256].hashes).first(32), *tree_.root_at(256)));
}

TEST_P(TreeOf, ServesTilesOfEveryWidth) {
  grow_to(70'000);
  EXPECT_EQ(*tree_.tile(0, 0, 256), (tiles_.tiles[{GetParam(), 0, 0}]));
  EXPECT_EQ(tree_.tile(0, 0, 3)->size(), 96U);
  EXPECT_EQ(tree_.tile(0, 273, 112)->size(), 112U * 32);
  EXPECT_TRUE(same(ByteView(*tree_.tile(0, 273, 112)).last(32), leaf_of(69'999)));
  EXPECT_EQ(tree_.tile(1, 1, 17)->size(), 17U * 32);
  EXPECT_TRUE(same(*tree_.tile(2, 0, 1), *tree_.root_at(65'536)));
  for (const auto& [level, index, width] :
       {std::tuple(0, 273, 113), std::tuple(0, 274, 1), std::tuple(1, 1, 18), std::tuple(2, 0, 2),
        std::tuple(3, 0, 1), std::tuple(63, 0, 1)}) {
    const auto beyond =
        tree_.tile(static_cast<std::uint8_t>(level), static_cast<std::uint64_t>(index),
                   static_cast<std::uint64_t>(width));
    ASSERT_FALSE(beyond) << level << " " << index << " " << width;
    EXPECT_EQ(beyond.error().code, Code::not_found);
  }
  EXPECT_EQ(tree_.tile(0, ~std::uint64_t{0}, 1).error().code, Code::not_found);
  EXPECT_EQ(tree_.tile(0, 0, 0).error().code, Code::malformed);
  EXPECT_EQ(tree_.tile(0, 0, 257).error().code, Code::malformed);
}

TEST_P(TreeOf, RefusesSizesItDoesNotHave) {
  grow_to(5);
  EXPECT_EQ(tree_.root_at(0).error().message, "tree: size 0 is not from 1 to 5");
  EXPECT_EQ(tree_.root_at(6).error().message, "tree: size 6 is not from 1 to 5");
  EXPECT_EQ(tree_.inclusion_path(5, 5).error().message, "tree: index 5 in a tree of 5");
  EXPECT_EQ(tree_.inclusion_path(0, 6).error().code, Code::malformed);
  EXPECT_EQ(tree_.consistency_path(0, 5).error().message, "tree: size 0 is not from 1 to 5");
  EXPECT_EQ(tree_.consistency_path(4, 3).error().message, "tree: size 4 is not from 1 to 3");
  EXPECT_EQ(tree_.consistency_path(4, 6).error().code, Code::malformed);
}

TEST_P(TreeOf, NoticesATileThatWasTamperedWith) {
  grow_to(300);
  tiles_.tiles[{GetParam(), 0, 0}][32 * 9] ^= 1;
  const auto path = tree_.inclusion_path(8, 300);
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().code, Code::internal);
  EXPECT_EQ(path.error().message, "tree: stored tiles do not fit the root at size 300");
  const auto consistency = tree_.consistency_path(9, 300);
  ASSERT_FALSE(consistency);
  EXPECT_EQ(consistency.error().code, Code::internal);
}

TEST_P(TreeOf, NoticesATileOfAnotherSizeOrNone) {
  grow_to(300);
  tiles_.tiles[{GetParam(), 0, 0}].pop_back();
  EXPECT_EQ(tree_.inclusion_path(8, 300).error().message,
            "tile 0/0: 8191 bytes, a full one has 8192");
  tiles_.tiles.clear();
  EXPECT_EQ(tree_.inclusion_path(8, 300).error().message, "no such tile");
  EXPECT_EQ(tree_.root_at(128).error().message, "no such tile");
}

TEST_P(TreeOf, GrowsACopyApartFromTheOriginal) {
  grow_to(300);
  const Digest before = tree_.root();
  Tree copy = tree_;
  copy.append(leaf_of(300));
  EXPECT_EQ(tree_.root(), before);
  EXPECT_EQ(tree_.size(), 300U);
  EXPECT_EQ(copy.size(), 301U);
  EXPECT_EQ(*copy.root_at(300), before);
}

TEST(Proof, RefusesAWrongInclusion) {
  TilesInMemory tiles;
  Tree tree(TreeKind::rfc9162, tiles);
  for (std::uint64_t i = 0; i < 7; ++i) tree.append(leaf_of(i));
  const auto path = *tree.inclusion_path(2, 7);
  const auto check = [&](const Digest& leaf, std::uint64_t index, std::uint64_t size,
                         std::vector<Digest> with, const Digest& root) {
    const auto verified = verify_inclusion(TreeKind::rfc9162, leaf, index, size, with, root);
    return verified ? std::string("verified") : verified.error().message;
  };
  EXPECT_EQ(check(leaf_of(2), 2, 7, path, tree.root()), "verified");
  EXPECT_EQ(check(leaf_of(3), 2, 7, path, tree.root()), "inclusion proof: leads to another root");
  EXPECT_EQ(check(leaf_of(2), 3, 7, path, tree.root()), "inclusion proof: leads to another root");
  EXPECT_EQ(check(leaf_of(2), 2, 7, path, leaf_of(0)), "inclusion proof: leads to another root");
  EXPECT_EQ(check(leaf_of(2), 7, 7, path, tree.root()), "inclusion proof: index 7 in a tree of 7");
  EXPECT_EQ(check(leaf_of(2), 0, 0, {}, tree.root()), "inclusion proof: index 0 in a tree of 0");
  auto longer = path;
  longer.push_back(leaf_of(0));
  EXPECT_EQ(check(leaf_of(2), 2, 7, longer, tree.root()),
            "inclusion proof: no tree of this size has such a path of 4 hashes");
  EXPECT_EQ(check(leaf_of(2), 2, 7, {path[0], path[1]}, tree.root()),
            "inclusion proof: no tree of this size has such a path of 2 hashes");
  EXPECT_FALSE(verify_inclusion(TreeKind::ccf, leaf_of(2), 2, 7, path, tree.root()));
}

TEST(Proof, RefusesAWrongConsistency) {
  TilesInMemory tiles;
  Tree tree(TreeKind::rfc9162, tiles);
  for (std::uint64_t i = 0; i < 7; ++i) tree.append(leaf_of(i));
  const Digest older = *tree.root_at(3);
  const auto path = *tree.consistency_path(3, 7);
  const auto check = [&](std::uint64_t first, std::uint64_t second, std::vector<Digest> with,
                         const Digest& first_root, const Digest& second_root) {
    const auto verified =
        verify_consistency(TreeKind::rfc9162, first, second, with, first_root, second_root);
    return verified ? std::string("verified") : verified.error().message;
  };
  EXPECT_EQ(check(3, 7, path, older, tree.root()), "verified");
  EXPECT_EQ(check(3, 7, path, leaf_of(0), tree.root()),
            "consistency proof: leads to another older root");
  EXPECT_EQ(check(3, 7, path, older, leaf_of(0)), "consistency proof: leads to another newer root");
  EXPECT_EQ(check(0, 7, {}, empty_root(), tree.root()), "consistency proof: from size 0 to 7");
  EXPECT_EQ(check(7, 3, path, tree.root(), older), "consistency proof: from size 7 to 3");
  EXPECT_EQ(check(3, 7, {}, older, tree.root()),
            "consistency proof: no tree of this size has such a path of 0 hashes");
  EXPECT_EQ(check(3, 3, {}, older, older), "verified");
  EXPECT_EQ(check(3, 3, {}, older, tree.root()), "consistency proof: two roots at one size");
  EXPECT_EQ(check(3, 3, {older}, older, older),
            "consistency proof: no tree of this size has such a path of 1 hashes");
  auto longer = path;
  longer.push_back(older);
  EXPECT_EQ(check(3, 7, longer, older, tree.root()),
            "consistency proof: no tree of this size has such a path of 5 hashes");
}

TEST(Proof, TellsTheSidesOfAPath) {
  TilesInMemory tiles;
  Tree tree(TreeKind::ccf, tiles);
  for (std::uint64_t i = 0; i < 11; ++i) tree.append(leaf_of(i));
  for (std::uint64_t index = 0; index < 11; ++index) {
    Digest folded = leaf_of(index);
    for (const auto& [left, hash] : with_sides(index, 11, *tree.inclusion_path(index, 11))) {
      folded =
          left ? node_hash(TreeKind::ccf, hash, folded) : node_hash(TreeKind::ccf, folded, hash);
    }
    EXPECT_EQ(folded, tree.root()) << index;
  }
}

}  // namespace vitrine::ledger
