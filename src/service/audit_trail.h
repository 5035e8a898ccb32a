// The operators' trail: one JSON line for each release, each refusal of /key and /unwrapKey, and
// each governance request, accepted or not (docs/audit-trail.md). What must be believed later is in
// the ledger; this is for looking up why somebody was refused. Safe from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/metrics.h"
#include "base/mutex.h"
#include "core/core.h"
#include "governance/authenticate.h"
#include "net/http.h"
#include "service/router.h"

namespace vitrine::service {

// Where lines go; `line` has no newline. It must not throw, nor wait for more than a file's write.
class TrailSink {
 public:
  virtual ~TrailSink() = default;
  virtual bool append(std::string_view line) = 0;  // false: it is lost
  // Keeps none and loses none.
  static TrailSink& none();
};

// A request that was answered.
struct Answered {
  const Route& route;
  const net::Response& response;
  const TrailNote& note;
  std::string_view request_id;
  const governance::Caller* caller = nullptr;
  bool known = false;  // whether the caller was asked for credentials, and had some
  std::chrono::nanoseconds took{};
};

class AuditTrail {
 public:
  // All of them outlive it.
  AuditTrail(const core::Core& core, metrics::Registry& registry, TrailSink& sink);
  void answered(const Answered& request);

  // Refusals of callers that nobody knows cost them nothing. So many in a row are written, then so
  // many a second; the others are counted here and in the next line, so that nobody can push the
  // trail's history out of its files.
  static constexpr std::int64_t kUnknownBurst = 1000;
  static constexpr std::int64_t kUnknownPerSecond = 100;

 private:
  // Whether one more line about an unknown caller may be written.
  bool takes_unknown();
  std::uint64_t take_suppressed();

  const core::Core& core_;
  TrailSink& sink_;
  metrics::Counter& written_;
  metrics::Counter& lost_;
  metrics::Counter& suppressed_total_;
  Mutex mutex_;
  std::int64_t room_ VITRINE_GUARDED_BY(mutex_) = kUnknownBurst;
  std::int64_t second_ VITRINE_GUARDED_BY(mutex_) = 0;
  std::uint64_t suppressed_ VITRINE_GUARDED_BY(mutex_) = 0;
};

}  // namespace vitrine::service
