// A node's files in memory, for tests and benchmarks: they can be told to fail, and be changed.
#pragma once

#include <algorithm>
#include <map>

#include "base/mutex.h"
#include "core/node_files.h"

namespace vitrine::core {

class MemoryNodeFiles final : public NodeFiles {
 public:
  Result<std::optional<Bytes>> secrets() const override {
    const Lock lock(mutex_);
    return secrets_;
  }
  Result<std::optional<Bytes>> next_secrets() const override {
    const Lock lock(mutex_);
    return next_secrets_;
  }
  Status put_secrets(ByteView sealed) override {
    const Lock lock(mutex_);
    if (failing_) return unavailable("service.sealed: the disk is full, as told");
    next_secrets_.reset();
    secrets_ = to_bytes(sealed);
    return {};
  }
  std::string describe_secrets() const override { return "service.sealed"; }
  Result<std::optional<Bytes>> last_head() const override {
    const Lock lock(mutex_);
    return last_head_;
  }
  Status put_last_head(ByteView sealed) override {
    const Lock lock(mutex_);
    if (failing_) return unavailable("last_head.sealed: the disk is full, as told");
    last_head_ = to_bytes(sealed);
    ++times_sealed_;
    return {};
  }
  std::string describe_last_head() const override { return "last_head.sealed"; }
  Result<std::optional<Bytes>> restore_marker() const override {
    const Lock lock(mutex_);
    return restore_marker_;
  }
  Status remove_restore_marker() override {
    const Lock lock(mutex_);
    if (failing_) return unavailable("restore.json: the disk is full, as told");
    restore_marker_.reset();
    return {};
  }
  Result<std::vector<std::uint64_t>> snapshots() const override {
    const Lock lock(mutex_);
    std::vector<std::uint64_t> sizes;
    for (const auto& [size, sealed] : snapshots_) sizes.push_back(size);
    std::reverse(sizes.begin(), sizes.end());
    return sizes;
  }
  Result<Bytes> snapshot(std::uint64_t size) const override {
    const Lock lock(mutex_);
    const auto found = snapshots_.find(size);
    if (found == snapshots_.end()) return not_found("no such snapshot");
    return found->second;
  }
  Status put_snapshot(std::uint64_t size, ByteView sealed) override {
    const Lock lock(mutex_);
    if (failing_) return unavailable("snapshot: the disk is full, as told");
    snapshots_.insert_or_assign(size, to_bytes(sealed));
    return {};
  }
  Status remove_snapshot(std::uint64_t size) override {
    const Lock lock(mutex_);
    snapshots_.erase(size);
    return {};
  }
  std::string describe_snapshot(std::uint64_t size) const override {
    return std::to_string(size) + ".snapshot";
  }

  void fail(bool failing) {
    const Lock lock(mutex_);
    failing_ = failing;
  }
  void set_last_head(std::optional<Bytes> sealed) {
    const Lock lock(mutex_);
    last_head_ = std::move(sealed);
  }
  void set_secrets(std::optional<Bytes> sealed) {
    const Lock lock(mutex_);
    secrets_ = std::move(sealed);
  }
  void set_next_secrets(std::optional<Bytes> sealed) {
    const Lock lock(mutex_);
    next_secrets_ = std::move(sealed);
  }
  void set_restore_marker(std::optional<Bytes> json) {
    const Lock lock(mutex_);
    restore_marker_ = std::move(json);
  }
  unsigned times_sealed() const {
    const Lock lock(mutex_);
    return times_sealed_;
  }

 private:
  mutable Mutex mutex_;
  std::optional<Bytes> secrets_ VITRINE_GUARDED_BY(mutex_);
  std::optional<Bytes> next_secrets_ VITRINE_GUARDED_BY(mutex_);
  std::optional<Bytes> restore_marker_ VITRINE_GUARDED_BY(mutex_);
  std::optional<Bytes> last_head_ VITRINE_GUARDED_BY(mutex_);
  std::map<std::uint64_t, Bytes> snapshots_ VITRINE_GUARDED_BY(mutex_);
  bool failing_ VITRINE_GUARDED_BY(mutex_) = false;
  unsigned times_sealed_ VITRINE_GUARDED_BY(mutex_) = 0;
};

}  // namespace vitrine::core
