#include "core/refresh_schedule.h"

#include <algorithm>

namespace vitrine::core {
namespace {

using std::chrono::milliseconds;

constexpr unsigned kDoublingsMax = 16;  // over seven days: any interval is less

Digest settings_of(const governance::Issuer& issuer, const governance::State& state) {
  const auto bundle = state.ca_cert_bundles.find(issuer.ca_cert_bundle_name);
  const std::string text = issuer.ca_cert_bundle_name + '\n' +
                           (bundle == state.ca_cert_bundles.end() ? std::string() : bundle->second);
  return crypto::sha256(as_bytes(text));
}

}  // namespace

std::set<std::string, std::less<>> RefreshSchedule::take_up(const governance::State& state,
                                                            Instant now) {
  std::set<std::string, std::less<>> issuers;
  for (const auto& [name, issuer] : state.issuers) {
    if (!issuer.auto_refresh) continue;
    issuers.insert(name);
    const Digest settings = settings_of(issuer, state);
    const auto known = plans_.find(name);
    if (known == plans_.end()) {
      plans_.emplace(name, Plan{settings, now});
    } else if (known->second.settings != settings) {
      known->second.settings = settings;
      known->second.due = now;
      known->second.failures_in_row = 0;
    }
  }
  std::erase_if(plans_, [&](const auto& plan) { return issuers.count(plan.first) == 0; });
  return issuers;
}

std::optional<std::string> RefreshSchedule::next(Instant now) {
  auto found = plans_.end();
  for (auto plan = plans_.begin(); plan != plans_.end(); ++plan) {
    if (plan->second.under_way || plan->second.due > now) continue;
    if (found == plans_.end() || plan->second.due < found->second.due) found = plan;
  }
  if (found == plans_.end()) return std::nullopt;
  found->second.under_way = true;
  // Moved by take_up() where governance changes what is asked while it is being asked.
  found->second.due = Instant::max();
  return found->first;
}

void RefreshSchedule::succeeded(const std::string& issuer, Instant now) { plan(issuer, true, now); }

void RefreshSchedule::failed(const std::string& issuer, Instant now) { plan(issuer, false, now); }

void RefreshSchedule::plan(const std::string& issuer, bool success, Instant now) {
  const auto found = plans_.find(issuer);
  if (found == plans_.end()) return;  // it was removed meanwhile
  Plan& plan = found->second;
  plan.under_way = false;
  if (plan.due != Instant::max()) return;
  if (success) {
    plan.failures_in_row = 0;
    plan.due = now + about(interval_);
    return;
  }
  const milliseconds doubled =
      milliseconds(kFirstRetry) * (1 << std::min(plan.failures_in_row, kDoublingsMax));
  ++plan.failures_in_row;
  plan.due = now + about(std::min(doubled, milliseconds(interval_)));
}

milliseconds RefreshSchedule::about(milliseconds time) {
  const auto chance = random_array<2>(random_);
  const auto of_65536 = static_cast<std::int64_t>(chance[0]) << 8 | chance[1];
  return time - time / 10 + time * of_65536 / 65536 / 5;
}

}  // namespace vitrine::core
