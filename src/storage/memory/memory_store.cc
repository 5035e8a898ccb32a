#include "storage/memory/memory_store.h"

#include <fmt/format.h>

namespace vitrine::storage::memory {

void Disk::fail_appends(unsigned count) {
  const Lock lock(mutex_);
  appends_to_fail_ = count;
}

void Disk::lose_answer_of_next_append() {
  const Lock lock(mutex_);
  lose_answer_ = true;
}

void Disk::lose_unsynced() {
  const Lock lock(mutex_);
  unsynced_head_.reset();
}

std::shared_ptr<Disk> Disk::copy() const {
  auto made = std::make_shared<Disk>();
  const Lock lock(mutex_);
  const Lock its_lock(made->mutex_);
  made->records_ = records_;
  made->tags_ = tags_;
  made->tiles_ = tiles_;
  made->durable_head_ = durable_head_;
  made->unsynced_head_ = unsynced_head_;
  return made;
}

void Disk::damage_tile(std::uint8_t tree, std::uint8_t level, std::uint64_t index) {
  const Lock lock(mutex_);
  Bytes& tile = tiles_.at({tree, level, index});
  damaged_tiles_[{tree, level, index}] = tile;
  tile.front() ^= 1;
}

bool Disk::tile_is_whole(std::uint8_t tree, std::uint8_t level, std::uint64_t index) const {
  const Lock lock(mutex_);
  return tiles_.at({tree, level, index}) == damaged_tiles_.at({tree, level, index});
}

void Disk::lose_head() {
  const Lock lock(mutex_);
  unsynced_head_.reset();
  durable_head_.reset();
}

void Disk::overwrite(std::uint64_t index, Record record) {
  const Lock lock(mutex_);
  records_.at(index) = std::move(record);
}

void Disk::harden_head() {
  if (unsynced_head_) durable_head_ = std::exchange(unsynced_head_, std::nullopt);
}

Result<std::uint64_t> MemoryStore::size() const {
  const Lock lock(disk_->mutex_);
  return disk_->records_.size();
}

Status MemoryStore::append(const Batch& batch) {
  VITRINE_CHECK(check(batch));
  const Lock lock(disk_->mutex_);
  if (batch.size_before != disk_->records_.size()) {
    return conflict(fmt::format("memory: append after {} entries, the store holds {}",
                                batch.size_before, disk_->records_.size()));
  }
  if (disk_->appends_to_fail_ > 0) {
    --disk_->appends_to_fail_;
    return unavailable("memory: append failed as told; nothing was written");
  }
  disk_->records_.insert(disk_->records_.end(), batch.records.begin(), batch.records.end());
  disk_->tags_.push_back({batch.size_before, disk_->records_.size(), batch.tag});
  for (const Tile& tile : batch.tiles) {
    disk_->tiles_.insert_or_assign({tile.tree, tile.level, tile.index}, tile.hashes);
  }
  if (batch.head) disk_->unsynced_head_ = batch.head;
  disk_->harden_head();
  if (std::exchange(disk_->lose_answer_, false)) {
    return unavailable("memory: the answer of the append was lost as told");
  }
  return {};
}

// The lock is held for one record at a time, so that `each` may use the store.
Status MemoryStore::read(
    std::uint64_t first, std::uint64_t count,
    const std::function<Status(std::uint64_t index, Record record)>& each) const {
  for (std::uint64_t index = first; index - first < count; ++index) {
    Record record;
    {
      const Lock lock(disk_->mutex_);
      if (index >= disk_->records_.size()) return {};
      record = disk_->records_[index];
    }
    VITRINE_CHECK(each(index, std::move(record)));
  }
  return {};
}

Status MemoryStore::read_tags(std::uint64_t first, std::uint64_t count,
                              const std::function<Status(const BatchTag&)>& each) const {
  std::vector<BatchTag> tags;
  {
    const Lock lock(disk_->mutex_);
    tags = disk_->tags_;
  }
  for (const BatchTag& tag : tags) {
    if (tag.size_after <= first) continue;
    if (count-- == 0) return {};
    VITRINE_CHECK(each(tag));
  }
  return {};
}

Result<Bytes> MemoryStore::tile(std::uint8_t tree, std::uint8_t level, std::uint64_t index) const {
  const Lock lock(disk_->mutex_);
  const auto found = disk_->tiles_.find({tree, level, index});
  if (found == disk_->tiles_.end()) {
    return not_found(fmt::format("memory: no tile {}/{}/{}", tree, level, index));
  }
  return found->second;
}

Status MemoryStore::put_head(const Head& head) {
  const Lock lock(disk_->mutex_);
  disk_->unsynced_head_ = head;
  return {};
}

Result<std::optional<Head>> MemoryStore::head() const {
  const Lock lock(disk_->mutex_);
  return disk_->unsynced_head_ ? disk_->unsynced_head_ : disk_->durable_head_;
}

Status MemoryStore::sync() {
  const Lock lock(disk_->mutex_);
  disk_->harden_head();
  return {};
}

}  // namespace vitrine::storage::memory
