// What the service counts, and GET /metrics (docs/metrics.md has every name). Nothing here is a
// secret or a client's text. Safe from any thread.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/metrics.h"
#include "base/mutex.h"
#include "core/issuer_refreshes.h"
#include "core/observer.h"
#include "core/release_key.h"
#include "net/server.h"
#include "service/budgets.h"
#include "service/router.h"

namespace vitrine::service {

std::string_view name_of(core::Refused step);

// Requests of one route, by status, and how long they took.
class RouteMeter {
 public:
  RouteMeter(metrics::Registry& registry, std::string_view method, std::string_view route);
  void answered(int status, std::chrono::nanoseconds took);

 private:
  static constexpr std::array kStatuses = {200, 204, 400, 401, 403, 404, 405, 408, 410,
                                           413, 414, 417, 431, 500, 501, 503, 505};
  metrics::Counter& counter_of(std::size_t index);

  metrics::Registry& registry_;
  const std::string method_, route_;
  metrics::Histogram& duration_;
  // A series appears with its first answer.
  std::array<std::atomic<metrics::Counter*>, kStatuses.size() + 1> by_status_{};
};

enum class Shed { full, late };

class Metrics {
 public:
  // All of them outlive it; `registry` is asked for its text through this alone.
  Metrics(metrics::Registry& registry, const core::Core& core, const Router& router,
          const Budgets& budgets);

  // nullptr: a request that no route took.
  void answered(const Route* route, int status, std::chrono::nanoseconds took);
  void shed(Budget budget, Shed why);
  void released();
  void not_released(std::string_view endpoint, core::Refused step);
  // At most kTextAge old, so that asking often costs little.
  std::string text();

 private:
  static constexpr std::chrono::milliseconds kTextAge{250};
  void look() VITRINE_REQUIRES(mutex_);
  void look_at_keys();
  void look_at_issuers() VITRINE_REQUIRES(mutex_);

  metrics::Registry& registry_;
  const core::Core& core_;
  const Budgets& budgets_;
  std::unordered_map<const Route*, std::unique_ptr<RouteMeter>> routes_;
  RouteMeter elsewhere_;
  metrics::Gauge& entries_;
  metrics::Gauge& view_;
  metrics::Gauge& confirmed_;
  metrics::Counter& released_;
  metrics::Counter& refreshes_changed_;
  metrics::Counter& refreshes_unchanged_;
  metrics::Counter& refreshes_failed_;

  Mutex mutex_;
  core::RefreshCounts refreshes_counted_ VITRINE_GUARDED_BY(mutex_);
  std::set<std::string, std::less<>> issuers_shown_ VITRINE_GUARDED_BY(mutex_);  // ids
  std::string text_ VITRINE_GUARDED_BY(mutex_);
  std::chrono::steady_clock::time_point text_made_ VITRINE_GUARDED_BY(mutex_);
};

// What core tells, as histograms. Made before core, which keeps a reference to it.
class CoreMetrics : public core::Observer {
 public:
  explicit CoreMetrics(metrics::Registry& registry);
  void batch_committed(std::size_t entries, std::chrono::nanoseconds took) override;
  void commands_waiting(std::size_t commands) override;
  void evidence_verified(std::chrono::nanoseconds took) override;

 private:
  metrics::Histogram& commit_;
  metrics::Histogram& entries_;
  metrics::Gauge& waiting_;
  metrics::Histogram& verification_;
};

// What the listener counts. `server` outlives every reading of the registry's text.
void count_connections(metrics::Registry& registry, const net::Server& server);

}  // namespace vitrine::service
