#include "core/history_check.h"

#include <algorithm>

#include "crypto/hash.h"

namespace vitrine::core {
namespace {

constexpr std::size_t kDamagedMax = 4096;  // 32 MiB

}  // namespace

Status HistoryCheck::read_more(std::uint64_t entries) {
  const std::uint64_t first = trees_.size();
  const std::uint64_t count = std::min(entries, expected_.size - first);
  VITRINE_CHECK(
      store_.read(first, count, [this](std::uint64_t index, const storage::Record& record) {
        Status read = read_entry(index, record);
        if (!read) {
          return Status(denied(store_.describe() + ", entry " + std::to_string(index + 1) + ": " +
                               read.error().message));
        }
        return compare_tiles();
      }));
  if (trees_.size() != first + count) {
    return denied(store_.describe() + ", entry " + std::to_string(trees_.size() + 1) +
                  ": can't be read");
  }
  if (!done()) return {};
  const ledger::Roots found = trees_.roots();
  if (found == expected_) return {};
  // Where a tile differs as well, the entry that was changed stands among its own.
  std::string where = "entries 1 to " + std::to_string(expected_.size);
  if (!damaged_.empty()) {
    const storage::Tile& tile = damaged_.front();
    where = "entries " + std::to_string(tile.index * ledger::kTileWidth + 1) + " to " +
            std::to_string((tile.index + 1) * ledger::kTileWidth);
  }
  return denied(store_.describe() + ", " + where + ": are not those of the snapshot's head",
                "an entry was changed; restore the store from a backup");
}

Status HistoryCheck::read_entry(std::uint64_t index, const storage::Record& record) {
  VITRINE_TRY(const ledger::Leaf leaf, ledger::decode_leaf(record.leaf));
  if (leaf.id.seqno != index + 1)
    return malformed("its sequence number is " + std::to_string(leaf.id.seqno));
  const bool sealed_fits =
      leaf.sealed ? leaf.sealed->sha256 == crypto::sha256(record.sealed) : record.sealed.empty();
  if (!sealed_fits) return malformed("its sealed part is not the one it commits to");
  trees_.append(record.leaf, leaf);
  return {};
}

Status HistoryCheck::compare_tiles() {
  for (auto& tile : trees_.take_finished()) {
    const auto stored = store_.tile(tile.tree, tile.level, tile.index);
    if (!stored && stored.error().code != Code::not_found) return tl::unexpected(stored.error());
    if (stored && same(*stored, tile.hashes)) continue;
    if (damaged_.size() == kDamagedMax)
      return denied(store_.describe() + ": too many tiles are damaged");
    damaged_.push_back(std::move(tile));
  }
  return {};
}

}  // namespace vitrine::core
