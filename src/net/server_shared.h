// What all connections of a server share. From any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "net/admission.h"
#include "net/body_budget.h"
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

struct ServerShared {
  ServerShared(const ServerLimits& limits, Handler answer, FrameworkError on_error)
      : handler(std::move(answer)),
        framework_error(std::move(on_error)),
        admission(limits.connections_max, limits.connections_per_address_max),
        bodies(std::make_shared<BodyBudget>(limits.buffered_body_bytes_max)) {}
  const Handler handler;
  const FrameworkError framework_error;
  Admission admission;
  const std::shared_ptr<BodyBudget> bodies;
  Counters counters;
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
