#include "policy/service_policies.h"

namespace vitrine::policy {
namespace {

constexpr std::int64_t kSecondsMax = 100LL * 366 * 24 * 60 * 60;

Result<std::int64_t> seconds_of(const codec::json::Object& json, std::string_view name) {
  const std::string what = "key rotation policy: " + std::string(name);
  const auto seconds = codec::json::integer_of(json, name);
  if (!seconds) return malformed(what + " is not an integer");
  if (*seconds < 0) return malformed(what + " is negative");
  if (*seconds > kSecondsMax) return malformed(what + " is over 100 years");
  return *seconds;
}

}  // namespace

Result<RotationPolicy> RotationPolicy::from_json(const codec::json::Object& key_rotation_policy) {
  VITRINE_TRY(const auto interval, seconds_of(key_rotation_policy, "rotation_interval_seconds"));
  VITRINE_TRY(const auto grace, seconds_of(key_rotation_policy, "grace_period_seconds"));
  if (interval <= grace) {
    return malformed("key rotation policy: rotation_interval_seconds " + std::to_string(interval) +
                     " is not greater than grace_period_seconds " + std::to_string(grace));
  }
  return RotationPolicy{key_rotation_policy, std::chrono::seconds(interval),
                        std::chrono::seconds(grace)};
}

Result<SettingsPolicy> SettingsPolicy::from_json(const codec::json::Object& settings_policy) {
  const auto* service = codec::json::object_of(settings_policy, "service");
  if (service == nullptr) return malformed("settings policy: service is not an object");
  for (const std::string_view name : {"name", "description", "version"}) {
    if (!codec::json::text_of(*service, name)) {
      return malformed("settings policy: service." + std::string(name) + " is not text");
    }
  }
  const auto debug = codec::json::bool_of(*service, "debug");
  if (!debug) return malformed("settings policy: service.debug is neither true nor false");
  return SettingsPolicy{settings_policy, *debug};
}

SettingsPolicy SettingsPolicy::defaults() {
  codec::json::Object service;
  service["name"] = "azure-privacy-sandbox-kms";
  service["description"] = "Key Management Service";
  service["version"] = "1.0.0";
  service["debug"] = false;
  codec::json::Object stored;
  stored["service"] = std::move(service);
  return SettingsPolicy{std::move(stored), false};
}

}  // namespace vitrine::policy
