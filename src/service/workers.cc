#include "service/workers.h"

#include <algorithm>

namespace vitrine::service {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr int kSmoothing = 16;  // the share of the newest job in what is usual is one of so many

seconds whole_seconds(nanoseconds wait) {
  return std::max(seconds(1), std::chrono::ceil<seconds>(wait));
}

}  // namespace

Workers::Workers(const Limits& limits, std::function<TimePoint()> now)
    : now_(std::move(now)), limits_(limits), idle_(limits.threads) {
  threads_.reserve(limits.threads);
  for (unsigned i = 0; i < limits.threads; ++i) threads_.emplace_back([this] { run(); });
}

Workers::~Workers() { stop(); }

nanoseconds Workers::expected_wait() const {
  if (queue_.size() < idle_) return nanoseconds(0);
  // Where the disk stalls no job ends; then the one that has waited longest says more than what is
  // usual.
  const nanoseconds oldest = queue_.empty() ? nanoseconds(0) : now_() - queue_.front().since;
  return std::max<nanoseconds>(oldest, usual_ *
                                           static_cast<std::int64_t>(queue_.size() + 1 - idle_) /
                                           static_cast<std::int64_t>(limits_.threads));
}

std::optional<seconds> Workers::post(Job job) {
  {
    const Lock lock(mutex_);
    const nanoseconds wait = expected_wait();
    if (stopping_ || wait > limits_.wait_max || queue_.size() >= limits_.queue_max) {
      return whole_seconds(wait);
    }
    queue_.push_back({std::move(job), now_()});
  }
  changed_.notify_one();
  return std::nullopt;
}

void Workers::set_wait_max(std::chrono::milliseconds wait_max) {
  const Lock lock(mutex_);
  limits_.wait_max = wait_max;
}

std::size_t Workers::waiting() const {
  const Lock lock(mutex_);
  return queue_.size();
}

unsigned Workers::idle() const {
  const Lock lock(mutex_);
  return idle_;
}

void Workers::stop() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

void Workers::run() {
  while (true) {
    Queued next;
    {
      const Lock lock(mutex_);
      while (queue_.empty() && !stopping_) changed_.wait(mutex_);
      if (queue_.empty()) return;
      next = std::move(queue_.front());
      queue_.pop_front();
      --idle_;
    }
    work(next);
    const Lock lock(mutex_);
    ++idle_;
  }
}

void Workers::work(const Queued& queued) {
  const TimePoint begin = now_();
  nanoseconds wait{0};
  bool late = false;
  {
    const Lock lock(mutex_);
    late = begin - queued.since > kPatience * limits_.wait_max;
    wait = expected_wait();
  }
  if (late) {
    queued.job.drop(whole_seconds(wait));
    return;
  }
  queued.job.run();
  const nanoseconds took = now_() - begin;
  const Lock lock(mutex_);
  usual_ += (took - usual_) / kSmoothing;
}

}  // namespace vitrine::service
