// A bounded map from digests to immutable values. Safe from any thread.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <utility>

#include "base/bytes.h"
#include "base/mutex.h"

namespace vitrine {

// A map that forgets what was used least recently.
template <class Value>
class RecentlyUsed {
 public:
  explicit RecentlyUsed(std::size_t entries_max) : entries_max_(entries_max) {}

  std::shared_ptr<const Value> find(const Digest& key) {
    const Lock lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return found->second->second;
  }

  void insert(const Digest& key, std::shared_ptr<const Value> value) {
    const Lock lock(mutex_);
    const auto found = by_key_.find(key);
    if (found != by_key_.end()) {
      order_.erase(found->second);
      by_key_.erase(found);
    }
    order_.emplace_front(key, std::move(value));
    by_key_.emplace(key, order_.begin());
    while (order_.size() > entries_max_) {
      by_key_.erase(order_.back().first);
      order_.pop_back();
    }
  }

  std::size_t size() {
    const Lock lock(mutex_);
    return order_.size();
  }

 private:
  using Order = std::list<std::pair<Digest, std::shared_ptr<const Value>>>;
  Mutex mutex_;
  const std::size_t entries_max_;
  Order order_ VITRINE_GUARDED_BY(mutex_);  // most recently used first
  std::map<Digest, typename Order::iterator> by_key_ VITRINE_GUARDED_BY(mutex_);
};

}  // namespace vitrine
