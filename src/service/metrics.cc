#include "service/metrics.h"

#include <algorithm>

#include "base/version.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

using core::Refused;

constexpr std::array kRefusals = {
    std::pair{Refused::evidence_malformed, "evidence_malformed"},
    std::pair{Refused::evidence_denied, "evidence_denied"},
    std::pair{Refused::no_policy, "no_policy"},
    std::pair{Refused::policy_broken, "policy_broken"},
    std::pair{Refused::policy_denied, "policy_denied"},
    std::pair{Refused::wrapping_key_unbound, "wrapping_key_unbound"},
    std::pair{Refused::key_unknown, "key_unknown"},
    std::pair{Refused::key_expired, "key_expired"},
    std::pair{Refused::wrapping_failed, "wrapping_failed"},
    std::pair{Refused::published_wrapping_key, "published_wrapping_key"},
    std::pair{Refused::frozen, "frozen"},
    std::pair{Refused::moved, "moved"},
    std::pair{Refused::failed, "failed"}};

// From 0.1 ms, which a read takes, to what an operator has to look at.
const std::vector<double>& latency_bounds() {
  static const std::vector<double> bounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                             0.025,  0.05,    0.1,    0.25,  0.5,    1,     2.5};
  return bounds;
}

double seconds_of(std::chrono::nanoseconds duration) {
  return std::chrono::duration<double>(duration).count();
}

double unix_seconds_of(Time time) { return static_cast<double>(to_unix_seconds(time)); }

metrics::Counter& decisions(metrics::Registry& registry, std::string_view endpoint,
                            std::string_view decision) {
  return registry.counter(
      "vitrine_release_decisions_total",
      "Decisions about evidence and keys, by the first step that refused.",
      {{"decision", std::string(decision)}, {"endpoint", std::string(endpoint)}});
}

metrics::Counter& shed_requests(metrics::Registry& registry, Budget budget, Shed why) {
  return registry.counter(
      "vitrine_requests_shed_total",
      "Requests answered 503 because their budget was spent: full, or late after waiting in vain.",
      {{"budget", std::string(name_of(budget))}, {"reason", why == Shed::full ? "full" : "late"}});
}

metrics::Gauge& certificate_expiry(metrics::Registry& registry, std::string_view certificate) {
  return registry.gauge("vitrine_certificate_expiry_timestamp_seconds",
                        "When the certificate ends, in Unix time.",
                        {{"certificate", std::string(certificate)}});
}

metrics::Gauge& keys_in(metrics::Registry& registry, std::string_view state) {
  return registry.gauge("vitrine_keys",
                        "HPKE keys: pending ones are too young to be shown, expired ones are no "
                        "longer released.",
                        {{"state", std::string(state)}});
}

metrics::Gauge& key_age(metrics::Registry& registry, std::string_view key) {
  return registry.gauge("vitrine_key_age_seconds",
                        "Age of the newest HPKE key, and of the one that clients are shown.",
                        {{"key", std::string(key)}});
}

metrics::Counter& issuer_refreshes(metrics::Registry& registry, std::string_view result) {
  return registry.counter("vitrine_issuer_refreshes_total",
                          "Fetches of issuers' keys: changed ones were stored.",
                          {{"result", std::string(result)}});
}

metrics::Gauge& issuer_failures(metrics::Registry& registry, const std::string& id) {
  return registry.gauge("vitrine_issuer_refresh_failures_in_row",
                        "Fetches of the issuer's keys that failed since the last that did not.",
                        {{"issuer", id}});
}

metrics::Gauge& issuer_last_success(metrics::Registry& registry, const std::string& id) {
  return registry.gauge("vitrine_issuer_refresh_last_success_timestamp_seconds",
                        "When the issuer's keys were last fetched, in Unix time; 0: not yet, by "
                        "this process.",
                        {{"issuer", id}});
}

}  // namespace

std::string_view name_of(Refused step) {
  for (const auto& [refused, name] : kRefusals) {
    if (refused == step) return name;
  }
  return "failed";
}

RouteMeter::RouteMeter(metrics::Registry& registry, std::string_view method, std::string_view route)
    : registry_(registry),
      method_(method),
      route_(route),
      duration_(registry.histogram("vitrine_request_duration_seconds",
                                   "From a whole request to its answer, waiting included.",
                                   latency_bounds(), {{"method", method_}, {"route", route_}})) {}

metrics::Counter& RouteMeter::counter_of(std::size_t index) {
  if (auto* known = by_status_[index].load(std::memory_order_acquire)) return *known;
  const std::string status =
      index < kStatuses.size() ? std::to_string(kStatuses[index]) : std::string("other");
  auto& counter =
      registry_.counter("vitrine_requests_total", "Requests answered, by route and status.",
                        {{"method", method_}, {"route", route_}, {"status", status}});
  by_status_[index].store(&counter, std::memory_order_release);
  return counter;
}

void RouteMeter::answered(int status, std::chrono::nanoseconds took) {
  const auto* const found = std::find(kStatuses.begin(), kStatuses.end(), status);
  counter_of(static_cast<std::size_t>(found - kStatuses.begin())).increment();
  duration_.observe(seconds_of(took));
}

Metrics::Metrics(metrics::Registry& registry, const core::Core& core, const Router& router,
                 const Budgets& budgets)
    : registry_(registry),
      core_(core),
      budgets_(budgets),
      elsewhere_(registry, "any", "none"),
      entries_(registry.gauge("vitrine_ledger_entries", "Entries in the ledger.")),
      view_(registry.gauge("vitrine_ledger_view", "View of the newest entry.")),
      confirmed_(registry.gauge("vitrine_confirmed",
                                "1 once the governed rollback guard holds; until then reads alone "
                                "are answered.")),
      released_(decisions(registry, "unwrapKey", "released")),
      refreshes_changed_(issuer_refreshes(registry, "changed")),
      refreshes_unchanged_(issuer_refreshes(registry, "unchanged")),
      refreshes_failed_(issuer_refreshes(registry, "failed")) {
  for (const Route* route : router.all())
    routes_.emplace(route, std::make_unique<RouteMeter>(registry, route->method, route->path));
  for (const auto& [step, name] : kRefusals) {
    decisions(registry, "key", name);
    decisions(registry, "unwrapKey", name);
  }
  for (const Budget budget : kQueuedBudgets) {
    shed_requests(registry, budget, Shed::full);
    shed_requests(registry, budget, Shed::late);
  }
  registry
      .gauge("vitrine_build_info", "Always 1; the version is its label.", {{"version", kVersion}})
      .set(1);
  registry.gauge("process_start_time_seconds", "When this process began to serve, in Unix time.")
      .set(unix_seconds_of(core.now()));
}

void Metrics::answered(const Route* route, int status, std::chrono::nanoseconds took) {
  const auto meter = routes_.find(route);
  (meter == routes_.end() ? elsewhere_ : *meter->second).answered(status, took);
}

void Metrics::shed(Budget budget, Shed why) { shed_requests(registry_, budget, why).increment(); }

void Metrics::released() { released_.increment(); }

void Metrics::not_released(std::string_view endpoint, Refused step) {
  decisions(registry_, endpoint, name_of(step)).increment();
}

void Metrics::look_at_keys() {
  const auto view = core_.view();
  const auto& rotation = view->state.governance->rotation_policy;
  const Time now = core_.now();
  double pending = 0, active = 0, expired = 0;
  for (const auto& key : view->state.keys->in_order) {
    if (core::is_expired(*view->state.governance, *key, now)) {
      ++expired;
    } else if (rotation && now < key->item.created + rotation->grace) {
      ++pending;
    } else {
      ++active;
    }
  }
  keys_in(registry_, "pending").set(pending);
  keys_in(registry_, "active").set(active);
  keys_in(registry_, "expired").set(expired);
  const auto age = [&](const core::KeyRecord& key) { return seconds_of(now - key.item.created); };
  if (const auto newest = view->state.keys->newest())
    key_age(registry_, "newest").set(age(*newest));
  if (const auto shown = view->state.keys->newest_exposed(*view->state.governance, now))
    key_age(registry_, "shown").set(age(*shown));
}

// Issuers by id, and no more of them than kIssuersShownMax over the life of the process: a series
// once shown stays.
void Metrics::look_at_issuers() {
  constexpr std::size_t kIssuersShownMax = 256;
  const core::IssuerRefreshes& refreshes = core_.issuer_refreshes();
  const core::RefreshCounts counts = refreshes.counts();
  refreshes_changed_.add(static_cast<double>(counts.changed - refreshes_counted_.changed));
  refreshes_unchanged_.add(static_cast<double>(counts.unchanged - refreshes_counted_.unchanged));
  refreshes_failed_.add(static_cast<double>(counts.failed - refreshes_counted_.failed));
  refreshes_counted_ = counts;
  std::set<std::string, std::less<>> gone = issuers_shown_;
  for (const core::IssuerRefresh& refresh : refreshes.all()) {
    const std::string id = core::issuer_id(refresh.issuer);
    gone.erase(id);
    if (issuers_shown_.size() == kIssuersShownMax && issuers_shown_.count(id) == 0) continue;
    issuers_shown_.insert(id);
    issuer_failures(registry_, id).set(static_cast<double>(refresh.failures_in_row));
    issuer_last_success(registry_, id)
        .set(refresh.last_success ? unix_seconds_of(*refresh.last_success) : 0);
  }
  // Of an issuer that is no longer asked nothing fails.
  for (const std::string& id : gone) issuer_failures(registry_, id).set(0);
}

void Metrics::look() {
  const auto view = core_.view();
  entries_.set(static_cast<double>(view->state.size));
  view_.set(static_cast<double>(view->state.view));
  confirmed_.set(core_.confirmed() ? 1 : 0);
  certificate_expiry(registry_, "service")
      .set(unix_seconds_of(view->state.service->certificate.not_after()));
  certificate_expiry(registry_, "node")
      .set(unix_seconds_of(view->state.node->certificate.not_after()));
  for (const Budget budget : kQueuedBudgets) {
    registry_
        .gauge("vitrine_requests_waiting", "Requests that wait for a worker of their budget.",
               {{"budget", std::string(name_of(budget))}})
        .set(static_cast<double>(budgets_.waiting(budget)));
  }
  look_at_keys();
  look_at_issuers();
}

std::string Metrics::text() {
  const Lock lock(mutex_);
  const auto now = std::chrono::steady_clock::now();
  if (text_.empty() || now - text_made_ > kTextAge) {
    look();
    text_ = registry_.text();
    text_made_ = now;
  }
  return text_;
}

CoreMetrics::CoreMetrics(metrics::Registry& registry)
    : commit_(registry.histogram("vitrine_commit_seconds",
                                 "From a batch's encoding to its durable, confirmed, signed head.",
                                 latency_bounds())),
      entries_(registry.histogram("vitrine_batch_entries", "Entries committed by one write.",
                                  {1, 2, 4, 8, 16, 32, 64, 128, 256})),
      waiting_(registry.gauge("vitrine_commands_waiting",
                              "Commands that waited when the sequencer last took a batch.")),
      verification_(registry.histogram("vitrine_evidence_verification_seconds",
                                       "Signatures and chains of one piece of evidence, accepted "
                                       "or not, without waiting for a turn.",
                                       latency_bounds())) {}

void CoreMetrics::batch_committed(std::size_t entries, std::chrono::nanoseconds took) {
  commit_.observe(seconds_of(took));
  entries_.observe(static_cast<double>(entries));
}

void CoreMetrics::evidence_verified(std::chrono::nanoseconds took) {
  verification_.observe(seconds_of(took));
}

void CoreMetrics::commands_waiting(std::size_t commands) {
  waiting_.set(static_cast<double>(commands));
}

// Open to anyone who can connect: it says how busy the service is, and nothing about whom or which
// keys (docs/metrics.md).
net::Response get_metrics(Exchange& exchange) {
  net::Response response;
  response.headers.emplace_back("content-type", metrics::Registry::kContentType);
  response.body = exchange.metrics.text();
  return response;
}

}  // namespace vitrine::service
