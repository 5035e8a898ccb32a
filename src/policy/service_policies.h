// The rotation policy and the settings policy (kms-api.md 7.3, 7.5). Fields come back as stored,
// extra ones included.
#pragma once

#include <chrono>
#include <optional>

#include "base/clock.h"
#include "base/result.h"
#include "codec/json.h"

namespace vitrine::policy {

struct RotationPolicy {
  codec::json::Object stored;
  std::chrono::seconds interval{};
  std::chrono::seconds grace{};

  // malformed: not integers, negative, interval <= grace, over 100 years.
  static Result<RotationPolicy> from_json(const codec::json::Object& key_rotation_policy);
  bool expired(Time created, Time now) const { return now > created + interval; }
  bool exposed(Time created, Time now) const { return now >= created + grace; }
};

struct SettingsPolicy {
  codec::json::Object stored;
  bool debug = false;
  static Result<SettingsPolicy> from_json(const codec::json::Object& settings_policy);
  static SettingsPolicy defaults();
};

}  // namespace vitrine::policy
