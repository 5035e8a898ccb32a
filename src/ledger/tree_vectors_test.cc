// vectors/merkle.
#include <gtest/gtest.h>

#include <map>
#include <optional>

#include "base/text.h"
#include "crypto/hash.h"
#include "ledger/seal.h"
#include "ledger/tile.h"
#include "ledger/tree_for_testing.h"
#include "ledger/vectors_for_testing.h"

namespace vitrine::ledger {

namespace {

using codec::json::Array;
using codec::json::Object;

constexpr std::uint64_t kGrown = 70'000;

// The entries of growth-*.json, by their rule.
std::string entry(std::uint64_t index) {
  return "vitrine entry " + std::to_string(index) + std::string(index % 7, 'x');
}
Digest ccf_leaf(std::uint64_t index) {
  const std::string number = std::to_string(index);
  const std::string evidence = "ce:2." + std::to_string(index + 1) + ":" +
                               to_hex(crypto::sha256(as_bytes("commit evidence " + number)));
  return ccf_leaf_hash(crypto::sha256(as_bytes(entry(index))), crypto::sha256(as_bytes(evidence)),
                       index % 3 == 0 ? Digest{} : crypto::sha256(as_bytes("claims " + number)));
}

struct Grown {
  explicit Grown(TreeKind kind) : tree(kind, tiles) {
    for (std::uint64_t i = 0; i < kGrown; ++i) {
      tiles.append(tree,
                   kind == TreeKind::ccf ? ccf_leaf(i) : rfc9162_leaf_hash(as_bytes(entry(i))));
    }
  }
  TilesInMemory tiles;
  Tree tree;
};
const Grown& grown(TreeKind kind) {
  static const Grown rfc9162(TreeKind::rfc9162);
  static const Grown ccf(TreeKind::ccf);
  return kind == TreeKind::ccf ? ccf : rfc9162;
}

// nullopt where some hash is not 32 bytes.
std::optional<std::vector<Digest>> hashes(const Array& texts) {
  std::vector<Digest> read;
  for (const auto& text : texts) {
    const auto digest = digest_from_hex(codec::json::text_view(text.as_string()));
    if (!digest) return std::nullopt;
    read.push_back(*digest);
  }
  return read;
}
std::vector<PathStep> steps(const Array& pairs) {
  std::vector<PathStep> read;
  for (const auto& pair : pairs) {
    const auto& both = pair.as_array();
    read.push_back(
        {both.at(0).as_bool(), *digest_from_hex(codec::json::text_view(both.at(1).as_string()))});
  }
  return read;
}

}  // namespace

TEST(MerkleVectors, Rfc9162LeavesAndRoots) {
  const Object file = vector_file("merkle/growth-rfc9162.json");
  for (const auto& item : list(file, "leaf_hashes")) {
    const Object& leaf = item.as_object();
    EXPECT_EQ(rfc9162_leaf_hash(as_bytes(entry(number(leaf, "index")))), hash(leaf, "leaf_hash"));
  }
  const Tree& tree = grown(TreeKind::rfc9162).tree;
  for (const auto& item : list(file, "roots")) {
    const Object& root = item.as_object();
    const auto size = number(root, "size");
    EXPECT_EQ(size == 0 ? empty_root() : *tree.root_at(size), hash(root, "root")) << size;
  }
}

TEST(MerkleVectors, Rfc9162Proofs) {
  const Object file = vector_file("merkle/growth-rfc9162.json");
  const Tree& tree = grown(TreeKind::rfc9162).tree;
  for (const auto& item : list(file, "inclusion")) {
    const Object& proof = item.as_object();
    const auto path = tree.inclusion_path(number(proof, "index"), number(proof, "size"));
    ASSERT_TRUE(path) << path.error().message;
    EXPECT_EQ(*path, hashes(*codec::json::array_of(proof, "proof")));
  }
  for (const auto& item : list(file, "consistency")) {
    const Object& proof = item.as_object();
    const auto path = tree.consistency_path(number(proof, "size1"), number(proof, "size2"));
    ASSERT_TRUE(path) << path.error().message;
    EXPECT_EQ(*path, hashes(*codec::json::array_of(proof, "proof")));
  }
}

TEST(MerkleVectors, CcfLeavesRootsAndPaths) {
  const Object file = vector_file("merkle/growth-ccf.json");
  for (const auto& item : list(file, "leaf_hashes")) {
    const Object& leaf = item.as_object();
    const auto made = ccf_leaf_hash(hash(leaf, "write_set_digest"),
                                    crypto::sha256(as_bytes(text(leaf, "evidence"))),
                                    hash(leaf, "claims_digest"));
    EXPECT_EQ(made, hash(leaf, "leaf_hash"));
    EXPECT_EQ(ccf_leaf(number(leaf, "index")), made);
    EXPECT_EQ(transaction_id_in(text(leaf, "evidence"))->seqno, number(leaf, "index") + 1);
  }
  const Tree& tree = grown(TreeKind::ccf).tree;
  for (const auto& item : list(file, "roots")) {
    const Object& root = item.as_object();
    EXPECT_EQ(*tree.root_at(number(root, "size")), hash(root, "root"));
  }
  for (const auto& item : list(file, "inclusion")) {
    const Object& proof = item.as_object();
    const auto index = number(proof, "index");
    const auto size = number(proof, "size");
    const auto path = tree.inclusion_path(index, size);
    ASSERT_TRUE(path) << path.error().message;
    EXPECT_TRUE(with_sides(index, size, *path) == steps(*codec::json::array_of(proof, "path")));
  }
}

// A CCF consistency proof is the RFC 9162 one: the anchor stands first unless the older size is a
// power of two (transparency.md 11.2).
TEST(MerkleVectors, CcfConsistency) {
  const auto check = [](const Tree& tree, const Object& proof) {
    const auto size1 = number(proof, "size1");
    const auto size2 = number(proof, "size2");
    const auto path = tree.consistency_path(size1, size2);
    ASSERT_TRUE(path) << path.error().message;
    std::vector<Digest> expected;
    if (!std::has_single_bit(size1)) expected.push_back(hash(proof, "anchor"));
    for (const auto& step : steps(*codec::json::array_of(proof, "path"))) {
      expected.push_back(step.hash);
    }
    EXPECT_EQ(*path, expected) << size1 << " " << size2;
    EXPECT_TRUE(verify_consistency(TreeKind::ccf, size1, size2, expected, *tree.root_at(size1),
                                   *tree.root_at(size2)));
  };
  const Object file = vector_file("merkle/growth-ccf.json");
  for (const auto& item : list(file, "consistency")) {
    check(grown(TreeKind::ccf).tree, item.as_object());
  }

  // The published samples: leaf = H(56 zero bytes || index in 8 bytes).
  TilesInMemory tiles;
  Tree tree(TreeKind::ccf, tiles);
  for (std::uint64_t i = 0; i < kGrown; ++i) {
    Bytes data(64, 0);
    for (unsigned b = 0; b < 8; ++b) data[56 + b] = static_cast<Byte>(i >> (56 - 8 * b));
    tiles.append(tree, crypto::sha256(data));
  }
  unsigned canonical = 0;
  const Object samples = vector_file("merkle/ccf-consistency.json");
  for (const auto& item : list(samples, "valid")) {
    const Object& proof = item.as_object();
    ASSERT_LE(number(proof, "size2"), tree.size());
    if (!*codec::json::bool_of(proof, "canonical")) continue;
    ++canonical;
    EXPECT_EQ(*tree.root_at(number(proof, "size1")), hash(proof, "root1"));
    EXPECT_EQ(*tree.root_at(number(proof, "size2")), hash(proof, "root2"));
    check(tree, proof);
  }
  EXPECT_EQ(canonical, 16U);
}

TEST(MerkleVectors, ReferenceTree) {
  const Object file = vector_file("merkle/rfc6962-reference-tree.json");
  TilesInMemory tiles;
  Tree tree(TreeKind::rfc9162, tiles);
  for (const auto& item : list(file, "leaves")) {
    const Object& leaf = item.as_object();
    const Digest made = rfc9162_leaf_hash(*from_hex(text(leaf, "data")));
    EXPECT_EQ(made, hash(leaf, "leaf_hash"));
    tree.append(made);
    EXPECT_EQ(
        tree.root(),
        hash(list(file, "roots").at(static_cast<std::size_t>(tree.size())).as_object(), "root"));
  }
  for (const auto& item : list(file, "inclusion")) {
    const Object& proof = item.as_object();
    EXPECT_EQ(*tree.inclusion_path(number(proof, "index"), number(proof, "size")),
              hashes(*codec::json::array_of(proof, "proof")));
  }
  for (const auto& item : list(file, "consistency")) {
    const Object& proof = item.as_object();
    EXPECT_EQ(*tree.consistency_path(number(proof, "size1"), number(proof, "size2")),
              hashes(*codec::json::array_of(proof, "proof")));
  }
}

TEST(MerkleVectors, InclusionProbes) {
  unsigned judged = 0;
  const Object file = vector_file("merkle/inclusion-probes.json");
  for (const auto& item : list(file, "probes")) {
    const Object& probe = item.as_object();
    const auto leaf = digest_from_hex(text(probe, "leafHash"));
    const auto root = digest_from_hex(text(probe, "root"));
    const auto path = hashes(*codec::json::array_of(probe, "proof"));
    if (!leaf || !root || !path) {
      EXPECT_EQ(codec::json::bool_of(probe, "odd_length"), true);
      continue;
    }
    ++judged;
    EXPECT_EQ(verify_inclusion(TreeKind::rfc9162, *leaf, number(probe, "leafIdx"),
                               number(probe, "treeSize"), *path, *root)
                  .has_value(),
              text(probe, "want") == "pass")
        << text(probe, "name");
  }
  EXPECT_GT(judged, 30U);
}

TEST(MerkleVectors, ConsistencyProbes) {
  unsigned judged = 0;
  const Object file = vector_file("merkle/consistency-probes.json");
  for (const auto& item : list(file, "probes")) {
    const Object& probe = item.as_object();
    const auto root1 = digest_from_hex(text(probe, "root1"));
    const auto root2 = digest_from_hex(text(probe, "root2"));
    const auto path = hashes(*codec::json::array_of(probe, "proof"));
    if (!root1 || !root2 || !path) {
      EXPECT_EQ(codec::json::bool_of(probe, "odd_length"), true);
      continue;
    }
    ++judged;
    EXPECT_EQ(verify_consistency(TreeKind::rfc9162, number(probe, "size1"), number(probe, "size2"),
                                 *path, *root1, *root2)
                  .has_value(),
              text(probe, "want") == "pass")
        << text(probe, "name");
  }
  EXPECT_GT(judged, 30U);
}

TEST(MerkleVectors, TilePaths) {
  const Object file = vector_file("merkle/tiles.json");
  for (const auto& item : list(file, "tile_paths")) {
    const Object& one = item.as_object();
    const std::string path = "tile/0/" + text(one, "path");
    EXPECT_EQ(to_text(TilePath{false, 0, number(one, "index"), 256}), path);
    EXPECT_EQ(tile_path_from(path)->index, number(one, "index"));
  }
  for (const auto& item : list(file, "invalid_paths")) {
    EXPECT_FALSE(tile_path_from(text(item.as_object(), "path"))) << text(item.as_object(), "path");
  }
}

TEST(MerkleVectors, TilesAndBundles) {
  const Tree& tree = grown(TreeKind::rfc9162).tree;
  const Object file = vector_file("merkle/tiles.json");
  for (const auto& item : list(file, "trees")) {
    for (const auto& listed : list(item.as_object(), "resources")) {
      const Object& resource = listed.as_object();
      const auto path = tile_path_from(text(resource, "path"));
      ASSERT_TRUE(path) << text(resource, "path");
      Bytes bytes;
      if (path->entries) {
        for (std::uint64_t i = 0; i < path->width; ++i) {
          append_to_bundle(bytes, as_bytes(entry(path->index * kTileWidth + i)));
        }
      } else {
        bytes = *tree.tile(path->level, path->index, path->width);
      }
      EXPECT_EQ(bytes.size(), number(resource, "bytes")) << text(resource, "path");
      EXPECT_EQ(crypto::sha256(bytes), hash(resource, "sha256")) << text(resource, "path");
    }
  }
}

}  // namespace vitrine::ledger
