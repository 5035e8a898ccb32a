// What a running node does for its next start, on a thread of its own: takes a snapshot whenever
// enough entries were appended; where this start began from a snapshot, reads the entries before it
// once, at a slow pace, against the roots that the snapshot vouched for; and, where appends pause,
// stores the newest head, so that who reads the store finds its last entries signed. It also lets
// proposals take effect whose waiting time is over.
#pragma once

#include <chrono>
#include <thread>

#include "base/mutex.h"
#include "core/core.h"

namespace vitrine::core {

struct UpkeepOptions {
  std::uint64_t snapshot_entries = 10'000;  // between snapshots; 0: none is taken
  ledger::Roots folded_from;                // what recover() said
};

// Takes one now, and removes all but the newest two.
Status take_snapshot(Core& core);

class Upkeep {
 public:
  Upkeep(Core& core, const UpkeepOptions& options);
  ~Upkeep();  // joins
  Upkeep(const Upkeep&) = delete;
  Upkeep& operator=(const Upkeep&) = delete;

 private:
  void run();
  bool wait(std::chrono::milliseconds time);  // false: stop
  void apply_waited_if_due();
  void discharge_if_due();
  void snapshot_if_due();
  void store_head_if_due();

  Core& core_;
  const UpkeepOptions options_;
  std::uint64_t snapshot_size_ = 0;  // of the newest snapshot
  std::uint64_t head_size_ = 0;      // of the newest head when last looked at
  std::uint64_t head_stored_ = 0;    // of the newest head stored from here
  std::chrono::steady_clock::time_point looked_at_head_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point discharge_after_;  // a failure is not tried again before
  Mutex mutex_;
  Condition changed_;
  bool stopping_ VITRINE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vitrine::core
