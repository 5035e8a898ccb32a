// A store in memory, for tests: what is durable outlives the store object in a Disk, and the disk
// can be told to fail. Safe from any thread.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <tuple>
#include <vector>

#include "base/mutex.h"
#include "storage/store.h"

namespace vitrine::storage::memory {

// What survives a stop. Stores opened one after the other on the same disk see the same entries.
class Disk {
 public:
  // The next `count` appends answer unavailable and write nothing.
  void fail_appends(unsigned count = 1);
  // The next append writes and then answers unavailable, as a disk whose answer was lost.
  void lose_answer_of_next_append();
  // What was not yet durable is gone, as after a power cut.
  void lose_unsynced();
  // Another disk that holds the same.
  std::shared_ptr<Disk> copy() const;
  void damage_tile(std::uint8_t tree, std::uint8_t level, std::uint64_t index);
  bool tile_is_whole(std::uint8_t tree, std::uint8_t level, std::uint64_t index) const;
  // No head was ever stored.
  void lose_head();
  // For damage: replaces the record of entry `index`.
  void overwrite(std::uint64_t index, Record record);

 private:
  friend class MemoryStore;
  mutable Mutex mutex_;
  std::vector<Record> records_ VITRINE_GUARDED_BY(mutex_);
  std::vector<BatchTag> tags_ VITRINE_GUARDED_BY(mutex_);
  using TileKey = std::tuple<std::uint8_t, std::uint8_t, std::uint64_t>;
  std::map<TileKey, Bytes> tiles_ VITRINE_GUARDED_BY(mutex_);
  std::map<TileKey, Bytes> damaged_tiles_ VITRINE_GUARDED_BY(mutex_);  // as they were before
  std::optional<Head> durable_head_ VITRINE_GUARDED_BY(mutex_);
  std::optional<Head> unsynced_head_ VITRINE_GUARDED_BY(mutex_);
  unsigned appends_to_fail_ VITRINE_GUARDED_BY(mutex_) = 0;
  bool lose_answer_ VITRINE_GUARDED_BY(mutex_) = false;

  void harden_head() VITRINE_REQUIRES(mutex_);
};

class MemoryStore final : public Store {
 public:
  MemoryStore() : MemoryStore(std::make_shared<Disk>()) {}
  explicit MemoryStore(std::shared_ptr<Disk> disk) : disk_(std::move(disk)) {}
  Disk& disk() { return *disk_; }

  Result<std::uint64_t> size() const override;
  Status append(const Batch& batch) override;
  Status read(std::uint64_t first, std::uint64_t count,
              const std::function<Status(std::uint64_t index, Record record)>& each) const override;
  Status read_tags(std::uint64_t first, std::uint64_t count,
                   const std::function<Status(const BatchTag&)>& each) const override;
  Result<Bytes> tile(std::uint8_t tree, std::uint8_t level, std::uint64_t index) const override;
  Status put_head(const Head& head) override;
  Result<std::optional<Head>> head() const override;
  Status sync() override;
  Status check_structure() const override { return {}; }
  std::string describe() const override { return "memory"; }

 private:
  std::shared_ptr<Disk> disk_;
};

}  // namespace vitrine::storage::memory
