// The timer behind the governed setting auto_rotate: looks once a second whether a new key is due.
// A thread of its own.
#pragma once

#include <thread>

#include "base/mutex.h"
#include "core/core.h"

namespace vitrine::core {

class AutoRotation {
 public:
  explicit AutoRotation(Core& core);
  ~AutoRotation();  // joins
  AutoRotation(const AutoRotation&) = delete;
  AutoRotation& operator=(const AutoRotation&) = delete;

 private:
  void run();
  Core& core_;
  Mutex mutex_;
  Condition changed_;
  bool stopping_ VITRINE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vitrine::core
