#include "governance/actions.h"

#include <algorithm>
#include <array>

#include "base/hex.h"
#include "crypto/hash.h"
#include "governance/json_fields.h"

namespace vitrine::governance {
namespace {

using codec::json::Object;

constexpr std::size_t kActionsMax = 64;
constexpr std::size_t kIssuerBytesMax = 2048;
constexpr std::size_t kIssuerKeysMax = 64;

Result<const Object*> object_in(const Object& args, std::string_view name) {
  const auto* object = codec::json::object_of(args, name);
  if (object == nullptr) return malformed(std::string(name) + " is not an object");
  return object;
}

Result<std::string> issuer_of(const Object& args) {
  const auto issuer = codec::json::text_of(args, "issuer");
  if (!issuer || issuer->empty()) return malformed("issuer is not text");
  if (issuer->size() > kIssuerBytesMax) return malformed("issuer is over 2048 bytes");
  return std::string(*issuer);
}

Status set_settings_policy(State& state, const Object& args) {
  VITRINE_TRY(const auto* stored, object_in(args, "settings_policy"));
  VITRINE_TRY(state.settings_policy, policy::SettingsPolicy::from_json(*stored));
  return {};
}

Status set_key_rotation_policy(State& state, const Object& args) {
  VITRINE_TRY(const auto* stored, object_in(args, "key_rotation_policy"));
  VITRINE_TRY(state.rotation_policy, policy::RotationPolicy::from_json(*stored));
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

Status set_key_release_policy(State& state, const Object& args) {
  auto release = state.release_policy.value_or(policy::ReleasePolicy());
  VITRINE_CHECK(release.apply(args));
  VITRINE_CHECK(check_release_policy(release, state.settings));
  state.release_policy = std::move(release);
  return {};
}

Status set_jwt_validation_policy(State& state, const Object& args) {
  VITRINE_TRY(auto issuer, issuer_of(args));
  VITRINE_TRY(const auto* validation_policy, object_in(args, "validation_policy"));
  VITRINE_CHECK(policy::check_jwt_validation_policy(*validation_policy, state.jwt_rules()));
  state.jwt_validation_policies[std::move(issuer)] = *validation_policy;
  return {};
}

Result<std::vector<crypto::Jwk>> keys_of(const Object& args) {
  VITRINE_TRY(const auto* jwks, object_in(args, "jwks"));
  auto keys = crypto::jwks_from_json(*jwks);
  if (!keys) return in_context("jwks", keys.error());
  if (keys->size() > kIssuerKeysMax) return malformed("jwks: over 64 keys");
  return keys;
}

// Absent, or null as some scripts send.
bool is_given(const Object& args, std::string_view name) {
  const auto* value = codec::json::find(args, name);
  return value != nullptr && !value->is_null();
}

Status set_jwt_issuer(State& state, const Object& args) {
  VITRINE_TRY(auto issuer, issuer_of(args));
  bool auto_refresh = false;
  if (is_given(args, "auto_refresh")) {
    VITRINE_CHECK(read_bool("args", args, "auto_refresh", auto_refresh));
  }
  if (auto_refresh) {
    return malformed("auto_refresh: this service fetches no keys",
                     "give the issuer's keys as jwks");
  }
  std::optional<std::vector<crypto::Jwk>> keys;
  if (is_given(args, "jwks")) {
    VITRINE_TRY(keys, keys_of(args));
  }
  auto& stored = state.issuers[std::move(issuer)];
  if (keys) stored.keys = *std::move(keys);
  return {};
}

Status set_jwt_public_signing_keys(State& state, const Object& args) {
  VITRINE_TRY(const auto issuer, issuer_of(args));
  const auto found = state.issuers.find(issuer);
  if (found == state.issuers.end()) return malformed("issuer " + quoted(issuer) + " is not set");
  VITRINE_TRY(found->second.keys, keys_of(args));
  return {};
}

Status remove_jwt_issuer(State& state, const Object& args) {
  VITRINE_TRY(const auto issuer, issuer_of(args));
  if (state.issuers.erase(issuer) == 0) {
    return malformed("issuer " + quoted(issuer) + " is not set");
  }
  return {};
}

struct Entry {
  std::string_view name;
  Status (*apply)(State& state, const Object& args);
  bool app;  // may come through POST /app/proposals
};
constexpr std::array kActions = std::to_array<Entry>({
    {"set_settings_policy", set_settings_policy, true},
    {"set_key_release_policy", set_key_release_policy, true},
    {"set_key_rotation_policy", set_key_rotation_policy, true},
    {"set_jwt_validation_policy", set_jwt_validation_policy, true},
    {"set_jwt_issuer", set_jwt_issuer, false},
    {"set_jwt_public_signing_keys", set_jwt_public_signing_keys, false},
    {"remove_jwt_issuer", remove_jwt_issuer, false},
});

const Entry* find_action(std::string_view name) {
  const auto found = std::find_if(kActions.begin(), kActions.end(),
                                  [&](const Entry& each) { return each.name == name; });
  return found == kActions.end() ? nullptr : &*found;
}

}  // namespace

Result<std::vector<Action>> actions_from_json(const Object& proposal) {
  const auto* list = codec::json::array_of(proposal, "actions");
  if (list == nullptr) return malformed("proposal: actions is not an array");
  if (list->size() > kActionsMax) return malformed("proposal: over 64 actions");
  std::vector<Action> actions;
  for (const auto& each : *list) {
    const std::string what = "proposal: actions[" + std::to_string(actions.size()) + "]";
    const auto* object = each.if_object();
    if (object == nullptr) return malformed(what + " is not an object");
    const auto name = codec::json::text_of(*object, "name");
    if (!name) return malformed(what + ": name is not text");
    const auto* args = codec::json::object_of(*object, "args");
    if (args == nullptr) return malformed(what + ": args is not an object");
    actions.push_back({std::string(*name), *args});
  }
  return actions;
}

bool is_app_action(std::string_view name) {
  const auto* entry = find_action(name);
  return entry != nullptr && entry->app;
}

Status apply_action(State& state, const Action& action) {
  const auto* entry = find_action(action.name);
  if (entry == nullptr) return not_found("unknown action " + quoted(action.name));
  State next = state;
  if (auto status = entry->apply(next, action.args); !status) {
    return in_context(action.name, status.error());
  }
  state = std::move(next);
  return {};
}

Status apply_all(State& state, const std::vector<Action>& actions) {
  State next = state;
  for (const auto& action : actions) VITRINE_CHECK(apply_action(next, action));
  state = std::move(next);
  return {};
}

std::string app_proposal_id(const Action& action) {
  return to_hex(crypto::sha256(as_bytes(codec::json::write(action.args))));
}

}  // namespace vitrine::governance
