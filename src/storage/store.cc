#include "storage/store.h"

#include <fmt/format.h>

namespace vitrine::storage {

Status check(const Batch& batch) {
  constexpr std::uint64_t kMax = 0x7fff'ffff'ffff'ffff;
  if (batch.records.empty()) return malformed("append: a batch without entries");
  if (batch.size_before > kMax - batch.records.size()) {
    return malformed("append: over 2^63 - 1 entries");
  }
  for (const Record& record : batch.records) {
    if (record.leaf.empty()) return malformed("append: an entry without leaf");
  }
  for (const Tile& tile : batch.tiles) {
    if (tile.index > kMax) return malformed("append: a tile's index is over 2^63 - 1");
  }
  return {};
}

Result<Record> Store::read_one(std::uint64_t index) const {
  std::optional<Record> found;
  VITRINE_CHECK(read(index, 1, [&found](std::uint64_t, Record record) -> Status {
    found = std::move(record);
    return {};
  }));
  if (!found) return not_found(fmt::format("{}: no entry at index {}", describe(), index));
  return *std::move(found);
}

}  // namespace vitrine::storage
