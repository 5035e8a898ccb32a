// A fixed number of threads for work that is too large for an I/O thread. The queue is bounded:
// what does not fit is refused at once, not piled up. Safe from any thread.
#pragma once

#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace vitrine::service {

class Workers {
 public:
  Workers(unsigned threads, std::size_t queue_max);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // False when the queue is full or the workers stopped: the job does not run.
  bool post(std::function<void()> job);
  // Runs what is queued, then joins. Idempotent.
  void stop();

 private:
  void run();
  const std::size_t queue_max_;
  Mutex mutex_;
  Condition changed_;
  std::deque<std::function<void()>> queue_ VITRINE_GUARDED_BY(mutex_);
  bool stopping_ VITRINE_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace vitrine::service
