// Fetches the keys of issuers with auto_refresh, on threads of its own: no request waits for the
// network, and a slow issuer holds up no other, up to kThreads of them.
#pragma once

#include <chrono>
#include <thread>
#include <vector>

#include "base/mutex.h"
#include "core/core.h"
#include "core/refresh_issuer.h"
#include "core/refresh_schedule.h"

namespace vitrine::core {

class AutoRefresh {
 public:
  static constexpr unsigned kThreads = 4;

  // `interval`: between two fetches of an issuer's keys that go well. Both outlive it.
  AutoRefresh(Core& core, IssuerSource& source, std::chrono::seconds interval);
  ~AutoRefresh();  // stops the source; joins
  AutoRefresh(const AutoRefresh&) = delete;
  AutoRefresh& operator=(const AutoRefresh&) = delete;

 private:
  void run();
  std::optional<std::string> next();
  void refresh(const std::string& issuer);

  Core& core_;
  IssuerSource& source_;
  Mutex mutex_;
  Condition changed_;
  bool stopping_ VITRINE_GUARDED_BY(mutex_) = false;
  RefreshSchedule schedule_ VITRINE_GUARDED_BY(mutex_);
  std::shared_ptr<const governance::State> taken_up_ VITRINE_GUARDED_BY(mutex_);
  std::vector<std::thread> threads_;  // last: they use what stands above
};

}  // namespace vitrine::core
