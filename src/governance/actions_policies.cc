// The four policies of the key management service (kms-api.md 8.3).
#include <algorithm>
#include <array>

#include "governance/action_args.h"
#include "governance/action_table.h"
#include "governance/issuer_discovery.h"
#include "governance/json_fields.h"

namespace vitrine::governance {
namespace {

namespace cbor = codec::cbor;
using codec::json::Object;

Status set_settings_policy(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"settings_policy"}));
  VITRINE_TRY(const auto* stored, object_arg(args, "settings_policy"));
  VITRINE_TRY(change.state.settings_policy, policy::SettingsPolicy::from_json(*stored));
  return {};
}

Status set_key_rotation_policy(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"key_rotation_policy"}));
  VITRINE_TRY(const auto* stored, object_arg(args, "key_rotation_policy"));
  VITRINE_TRY(change.state.rotation_policy, policy::RotationPolicy::from_json(*stored));
  return {};
}

// What a release policy may not be, whatever its grammar allows (DESIGN.md 4, decision 10).
Status check_release_policy(const policy::ReleasePolicy& release, const Settings& settings) {
  if (release.claims().empty()) return {};  // accepts nobody: tightening never waits
  const auto profiles = release.accepted_profiles();
  for (const auto& profile : profiles) {
    if (std::find(settings.profiles.begin(), settings.profiles.end(), profile) ==
        settings.profiles.end()) {
      return malformed("release policy: profiles: " + quoted(profile) +
                       " is not a profile of this service");
    }
  }
  const bool raw = std::find(profiles.begin(), profiles.end(), "snp") != profiles.end();
  if (raw && !release.pins("x-ms-sevsnpvm-launchmeasurement")) {
    // Nothing vouches for a raw report's measurement but the policy itself.
    return malformed(
        "release policy: profile snp without x-ms-sevsnpvm-launchmeasurement accepts "
        "any program on any AMD host");
  }
  if (settings.dev || release.allow_unbound()) return {};
  if (const auto permissive = release.permissive_host_data(); !permissive.empty()) {
    return malformed("release policy: x-ms-sevsnpvm-hostdata " + permissive +
                         " is a published sample's, whose container policy lets anybody in",
                     "say so with \"allow_unbound\":true");
  }
  if (!release.is_bound()) {
    return malformed(
        "release policy: it pins no workload: x-ms-sevsnpvm-hostdata (snp-aci) or "
        "x-ms-sevsnpvm-launchmeasurement (snp) is missing",
        "say so with \"allow_unbound\":true");
  }
  return {};
}

Status set_key_release_policy(Change& change, const Object& args) {
  auto release = change.state.release_policy.value_or(policy::ReleasePolicy());
  VITRINE_CHECK(release.apply(args));
  VITRINE_CHECK(check_release_policy(release, change.state.settings));
  change.state.release_policy = std::move(release);
  return {};
}

Status set_jwt_validation_policy(Change& change, const Object& args) {
  VITRINE_TRY(auto issuer, text_arg(args, "issuer", kIssuerBytesMax));
  VITRINE_CHECK(check_args(args, {"issuer", "validation_policy"}));
  VITRINE_TRY(const auto* validation_policy, object_arg(args, "validation_policy"));
  VITRINE_CHECK(policy::check_jwt_validation_policy(*validation_policy, change.state.jwt_rules()));
  change.state.jwt_validation_policies[std::move(issuer)] = *validation_policy;
  return {};
}

cbor::Value json_text(const codec::json::Value& value) {
  return cbor::Value::text(codec::json::write(value));
}

cbor::Value settings_policy(const State& state, const Object&) {
  return state.settings_policy ? json_text(state.settings_policy->stored) : cbor::Value();
}
cbor::Value rotation_policy(const State& state, const Object&) {
  return state.rotation_policy ? json_text(state.rotation_policy->stored) : cbor::Value();
}
cbor::Value release_policy(const State& state, const Object&) {
  return state.release_policy ? json_text(state.release_policy->to_json()) : cbor::Value();
}
cbor::Value jwt_validation_policy(const State& state, const Object& args) {
  const auto issuer = codec::json::text_of(args, "issuer").value_or("");
  const auto found = state.jwt_validation_policies.find(issuer);
  return found == state.jwt_validation_policies.end() ? cbor::Value() : json_text(found->second);
}

constexpr std::array kRows = std::to_array<ActionRow>({
    {"set_settings_policy", set_settings_policy, settings_policy},
    {"set_key_release_policy", set_key_release_policy, release_policy},
    {"set_key_rotation_policy", set_key_rotation_policy, rotation_policy},
    {"set_jwt_validation_policy", set_jwt_validation_policy, jwt_validation_policy},
});

}  // namespace

std::span<const ActionRow> policy_actions() { return kRows; }

}  // namespace vitrine::governance
