// What all connections of a server share. From any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "net/admission.h"
#include "net/server.h"

namespace vitrine::net {

// The numbers of ServerStats that only grow, each by its name there.
struct Counters {
  using Counter = std::atomic<std::uint64_t>;
  Counter connections_accepted{0}, refused_by_total{0}, refused_by_address{0}, displaced{0};
  Counter handshakes_done{0}, handshakes_resumed{0}, handshakes_failed{0}, handshakes_late{0};
  Counter requests_http1{0}, requests_http2{0}, requests_refused{0}, floods_ended{0};
};
inline void count(Counters::Counter& counter) { counter.fetch_add(1, std::memory_order_relaxed); }

// How many bytes of bodies are in memory, of all requests together.
class BodyBudget {
 public:
  explicit BodyBudget(std::size_t max) : max_(max) {}
  bool try_take(std::size_t bytes) {
    if (used_.fetch_add(bytes) + bytes <= max_) return true;
    used_.fetch_sub(bytes);
    return false;
  }
  void give_back(std::size_t bytes) { used_.fetch_sub(bytes); }
  std::size_t used() const { return used_; }
  void set_max(std::size_t max) { max_ = max; }

 private:
  std::atomic<std::size_t> max_;
  std::atomic<std::size_t> used_{0};
};

struct ServerShared {
  ServerShared(const ServerLimits& limits, Handler answer, FrameworkError on_error)
      : handler(std::move(answer)),
        framework_error(std::move(on_error)),
        admission(limits.connections_max, limits.connections_per_address_max),
        bodies(limits.buffered_body_bytes_max) {}
  const Handler handler;
  const FrameworkError framework_error;
  Admission admission;
  BodyBudget bodies;
  Counters counters;
};

// What one request has of the budget; gives it back at its end.
class BodyCharge {
 public:
  BodyCharge() = default;  // of no budget: takes nothing
  explicit BodyCharge(std::shared_ptr<ServerShared> shared) : shared_(std::move(shared)) {}
  BodyCharge(BodyCharge&& other) noexcept
      : shared_(std::move(other.shared_)), bytes_(std::exchange(other.bytes_, 0)) {}
  BodyCharge& operator=(BodyCharge&& other) noexcept {
    std::swap(shared_, other.shared_);
    std::swap(bytes_, other.bytes_);
    return *this;
  }
  ~BodyCharge() {
    if (shared_) shared_->bodies.give_back(bytes_);
  }
  // false: there is not so much; the charge is as it was.
  bool grow_to(std::size_t bytes) {
    if (bytes <= bytes_ || !shared_) return true;
    if (!shared_->bodies.try_take(bytes - bytes_)) return false;
    bytes_ = bytes;
    return true;
  }

 private:
  std::shared_ptr<ServerShared> shared_;  // empty once moved from
  std::size_t bytes_ = 0;
};

// A connection's place among those admitted.
class ConnectionSlot {
 public:
  ConnectionSlot(std::shared_ptr<ServerShared> shared, const AddressKey& key)
      : shared_(std::move(shared)), key_(key) {}
  ConnectionSlot(ConnectionSlot&& other) noexcept = default;
  ConnectionSlot& operator=(ConnectionSlot&&) = delete;
  ~ConnectionSlot() {
    if (shared_) shared_->admission.remove(key_);
  }
  const std::shared_ptr<ServerShared>& shared() const { return shared_; }
  const AddressKey& key() const { return key_; }

 private:
  std::shared_ptr<ServerShared> shared_;  // empty once moved from
  AddressKey key_;
};

}  // namespace vitrine::net
