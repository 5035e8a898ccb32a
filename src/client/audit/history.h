// Hashes: both trees built again from the leaves, and compared with everything that says what they
// are: the previous heads in the leaves (key 9), stored tiles and batches, and heads seen
// elsewhere.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "client/audit/finding.h"
#include "client/audit/source.h"
#include "ledger/leaf.h"
#include "ledger/tree.h"

namespace vitrine::client::audit {

class History {
 public:
  explicit History(Source& source);

  // Remembers the roots over the first `size` entries once they are read.
  void watch(std::uint64_t size);
  // nullopt: that size was not watched, or is not reached.
  std::optional<ledger::Roots> roots_at(std::uint64_t size) const;

  // The next entry: its place in a batch, the previous head that it names, its hashes.
  Found<void> append(ByteView leaf_bytes, const ledger::Leaf& leaf);
  // After the last one.
  Found<void> finish() const;
  std::uint64_t size() const { return rfc9162_.size(); }
  ledger::Roots roots() const;
  // The RFC 9162 root over the first `size` entries, from the source's tiles, which are checked.
  Result<Digest> earlier_root(std::uint64_t size) const;
  // The CCF root that was signed before the batch of the next entry, if that entry is `leaf`.
  Digest signed_root_before(const ledger::Leaf& leaf) const;

  // That what these entries hash to is not what it should be: where a store has tiles, they may
  // tell which entry it is.
  // `next`: of the entry that follows those appended, if it is suspected as well.
  struct LeafHashes {
    Digest rfc9162, ccf;
  };
  tl::unexpected<Finding> changed(std::uint64_t first, std::uint64_t last, Error error,
                                  const LeafHashes* next = nullptr) const;
  // The entries that no previous head has confirmed yet begin here; by sequence number.
  std::uint64_t unconfirmed() const { return confirmed_ + 1; }

 private:
  class Tiles final : public ledger::TileSource {
   public:
    explicit Tiles(Source& source) : source_(source) {}
    Result<Bytes> full_tile(const ledger::TileId& id) override { return source_.tile(id); }

   private:
    Source& source_;
  };
  Found<void> check_previous(const ledger::Leaf& leaf, const LeafHashes& own);
  Found<void> check_batch(const ledger::Leaf& leaf);
  Found<void> check_tiles();
  Found<void> check_tile(const ledger::Tree::FinishedTile& tile) const;
  // The first entry of that tile whose hash in the store's tiles is another in both trees.
  std::optional<std::uint64_t> changed_in(std::uint64_t tile, ByteView rfc9162, ByteView ccf) const;

  Source& source_;
  Tiles tiles_;
  ledger::Tree rfc9162_, ccf_;
  std::uint64_t confirmed_ = 0;  // a previous head has confirmed the entries up to here
  Digest signed_root_;           // of the newest of them
  std::uint64_t batch_end_ = 0;  // by the store
  std::deque<Batch> batches_;    // read ahead
  std::map<std::uint64_t, std::optional<ledger::Roots>> watched_;
};

}  // namespace vitrine::client::audit
