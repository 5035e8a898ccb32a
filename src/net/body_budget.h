// How many bytes of request bodies may be in memory: of one connection, and of all together. From
// any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <utility>

namespace vitrine::net {

class BodyBudget {
 public:
  // What is taken here is taken of `whole` too.
  explicit BodyBudget(std::size_t max, std::shared_ptr<BodyBudget> whole = nullptr)
      : whole_(std::move(whole)), max_(max) {}
  bool try_take(std::size_t bytes) {
    if (used_.fetch_add(bytes) + bytes <= max_ && (!whole_ || whole_->try_take(bytes))) return true;
    used_.fetch_sub(bytes);
    return false;
  }
  void give_back(std::size_t bytes) {
    used_.fetch_sub(bytes);
    if (whole_) whole_->give_back(bytes);
  }
  std::size_t used() const { return used_; }
  void set_max(std::size_t max) { max_ = max; }

 private:
  const std::shared_ptr<BodyBudget> whole_;
  std::atomic<std::size_t> max_;
  std::atomic<std::size_t> used_{0};
};

// What one request has of a budget; gives it back at its end.
class BodyCharge {
 public:
  BodyCharge() = default;  // of no budget: nothing can be taken
  explicit BodyCharge(std::shared_ptr<BodyBudget> budget) : budget_(std::move(budget)) {}
  BodyCharge(BodyCharge&& other) noexcept
      : budget_(std::move(other.budget_)), bytes_(std::exchange(other.bytes_, 0)) {}
  BodyCharge& operator=(BodyCharge&& other) noexcept {
    std::swap(budget_, other.budget_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~BodyCharge() {
    if (budget_ && bytes_ > 0) budget_->give_back(bytes_);
  }
  // false: there is not so much; the charge is as it was.
  bool grow_to(std::size_t bytes) {
    if (bytes <= bytes_) return true;
    if (!budget_ || !budget_->try_take(bytes - bytes_)) return false;
    bytes_ = bytes;
    return true;
  }

 private:
  std::shared_ptr<BodyBudget> budget_;  // empty once moved from
  std::size_t bytes_ = 0;
};

}  // namespace vitrine::net
