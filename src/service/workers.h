// A fixed number of threads for work that is too large for an I/O thread. What would have to wait
// too long is refused at once with when to try again, not piled up; what has waited too long all
// the same is dropped before it starts. Safe from any thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <optional>
#include <thread>
#include <vector>

#include "base/mutex.h"

namespace vitrine::service {

class Workers {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  struct Limits {
    unsigned threads = 1;
    // A job that is expected to wait longer is refused; one that has waited kPatience times as long
    // is dropped: by then its client has given up, or soon will.
    std::chrono::milliseconds wait_max{1000};
    std::size_t queue_max = 1024;
  };
  struct Job {
    std::function<void()> run;
    std::function<void(std::chrono::seconds retry_after)> drop;  // called in place of `run`
  };
  static constexpr int kPatience = 3;

  explicit Workers(const Limits& limits,
                   std::function<TimePoint()> now = std::chrono::steady_clock::now);
  ~Workers();
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // nullopt: taken, and one of its two functions will be called. Else neither is: when to try
  // again, at least a second.
  std::optional<std::chrono::seconds> post(Job job);
  void set_wait_max(std::chrono::milliseconds wait_max);
  std::size_t waiting() const;
  unsigned idle() const;
  // Runs what is queued, then joins. Idempotent.
  void stop();

 private:
  struct Queued {
    Job job;
    TimePoint since;
  };
  void run();
  void work(const Queued& queued);
  // How long the next job would wait, by what the last ones took and the oldest has waited.
  std::chrono::nanoseconds expected_wait() const VITRINE_REQUIRES(mutex_);

  const std::function<TimePoint()> now_;
  mutable Mutex mutex_;
  Condition changed_;
  Limits limits_ VITRINE_GUARDED_BY(mutex_);
  std::deque<Queued> queue_ VITRINE_GUARDED_BY(mutex_);
  unsigned idle_ VITRINE_GUARDED_BY(mutex_) = 0;
  std::chrono::nanoseconds usual_ VITRINE_GUARDED_BY(mutex_){0};  // that a job takes, smoothed
  bool stopping_ VITRINE_GUARDED_BY(mutex_) = false;
  std::vector<std::thread> threads_;
};

}  // namespace vitrine::service
