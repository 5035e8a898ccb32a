// Brings a started node from unconfirmed to confirmed: asks the rollback guard now and, for as long
// as it does not know, once in a while on a thread of its own.
#pragma once

#include <thread>

#include "base/mutex.h"
#include "core/core.h"

namespace vitrine::core {

class TakeUp {
 public:
  // Confirmed already, or the thread is at it; reads are answered meanwhile. denied: the guard
  // knows that this store is not the newest; other errors: the first entry can't be written.
  static Result<std::unique_ptr<TakeUp>> begin(
      Core& core, RollbackGuard& guard,
      std::chrono::milliseconds retry = std::chrono::milliseconds{1000});
  ~TakeUp();  // joins
  TakeUp(const TakeUp&) = delete;
  TakeUp& operator=(const TakeUp&) = delete;

 private:
  TakeUp(Core& core, RollbackGuard& guard, std::chrono::milliseconds retry)
      : core_(core), guard_(guard), retry_(retry) {}
  void run();

  Core& core_;
  RollbackGuard& guard_;
  const std::chrono::milliseconds retry_;
  Mutex mutex_;
  Condition changed_;
  bool stopping_ VITRINE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vitrine::core
