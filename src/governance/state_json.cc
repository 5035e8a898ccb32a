// The state as JSON (docs/formats/governance-state.md).
#include <array>

#include "governance/json_fields.h"
#include "governance/state.h"

namespace vitrine::governance {
namespace {

using codec::json::Array;
using codec::json::Object;
using codec::json::Value;

constexpr std::array kMembers = std::to_array<std::string_view>(
    {"members", "users", "issuers", "jwt_validation_policies", "release_policy", "rotation_policy",
     "settings_policy", "settings"});

std::string_view name_of(MemberStatus status) {
  return status == MemberStatus::active ? "Active" : "Accepted";
}

Object to_json(const Issuer& issuer) {
  Array keys;
  for (const auto& key : issuer.keys) {
    keys.push_back(crypto::jwk_to_json(key.key, key.kid, key.algorithm));
  }
  Object json;
  json["keys"] = std::move(keys);
  return json;
}

// Calls `read(name, object)` for each member of the object under `name`, if it is there.
template <class Read>
Status for_each_object(const Object& json, std::string_view name, Read read) {
  const auto* value = codec::json::find(json, name);
  if (value == nullptr) return {};
  const auto* objects = value->if_object();
  if (objects == nullptr) return malformed(std::string(name) + " is not an object");
  for (const auto& member : *objects) {
    const auto* object = member.value().if_object();
    const std::string key(key_of(member));
    if (object == nullptr) {
      return malformed(std::string(name) + ": " + quoted(key) + " is not an object");
    }
    if (auto status = read(key, *object); !status) {
      return in_context(std::string(name) + ": " + quoted(key), status.error());
    }
  }
  return {};
}

Result<crypto::Certificate> certificate_of(const std::string& id, const Object& person) {
  VITRINE_TRY(const auto pem, required_text("certificate", person, "certificate"));
  VITRINE_TRY(auto certificate, crypto::Certificate::from_pem(pem));
  if (identity_of(certificate) != id) {
    return malformed("the id is not the SHA-256 of the certificate");
  }
  return certificate;
}

Value data_of(const Object& person) {
  const auto* data = codec::json::find(person, "data");
  return data == nullptr ? Value() : *data;
}

Status read_member(State& state, const std::string& id, const Object& json) {
  constexpr std::array kKnown = std::to_array<std::string_view>({"certificate", "status", "data"});
  VITRINE_CHECK(check_known("member", json, kKnown));
  VITRINE_TRY(auto certificate, certificate_of(id, json));
  const auto status = codec::json::text_of(json, "status");
  if (status != "Active" && status != "Accepted") {
    return malformed("status is neither Active nor Accepted");
  }
  state.members.emplace(
      id,
      Member{std::move(certificate),
             status == "Active" ? MemberStatus::active : MemberStatus::accepted, data_of(json)});
  return {};
}

Status read_user(State& state, const std::string& id, const Object& json) {
  constexpr std::array kKnown = std::to_array<std::string_view>({"certificate", "data"});
  VITRINE_CHECK(check_known("user", json, kKnown));
  VITRINE_TRY(auto certificate, certificate_of(id, json));
  state.users.emplace(id, User{std::move(certificate), data_of(json)});
  return {};
}

Status read_issuer(State& state, const std::string& name, const Object& jwks) {
  VITRINE_TRY(auto keys, crypto::jwks_from_json(jwks));
  state.issuers.emplace(name, Issuer{std::move(keys)});
  return {};
}

Status read_jwt_policy(State& state, const std::string& issuer, const Object& stored) {
  VITRINE_CHECK(policy::check_jwt_validation_policy(stored, state.jwt_rules()));
  state.jwt_validation_policies.emplace(issuer, stored);
  return {};
}

Status read_policies(State& state, const Object& json) {
  if (codec::json::find(json, "release_policy") != nullptr) {
    const auto* stored = codec::json::object_of(json, "release_policy");
    if (stored == nullptr) return malformed("release_policy is not an object");
    VITRINE_TRY(state.release_policy, policy::ReleasePolicy::from_json(*stored));
  }
  if (codec::json::find(json, "rotation_policy") != nullptr) {
    const auto* stored = codec::json::object_of(json, "rotation_policy");
    if (stored == nullptr) return malformed("rotation_policy is not an object");
    VITRINE_TRY(state.rotation_policy, policy::RotationPolicy::from_json(*stored));
  }
  if (codec::json::find(json, "settings_policy") != nullptr) {
    const auto* stored = codec::json::object_of(json, "settings_policy");
    if (stored == nullptr) return malformed("settings_policy is not an object");
    VITRINE_TRY(state.settings_policy, policy::SettingsPolicy::from_json(*stored));
  }
  return {};
}

Result<State> read_state(const Object& json) {
  State state;
  VITRINE_CHECK(check_known("state", json, kMembers));
  Object settings;
  if (codec::json::find(json, "settings") != nullptr) {
    const auto* stored = codec::json::object_of(json, "settings");
    if (stored == nullptr) return malformed("settings is not an object");
    settings = *stored;
  }
  VITRINE_TRY(state.settings, Settings::from_json(settings));
  VITRINE_CHECK(for_each_object(json, "members", [&](const std::string& id, const Object& member) {
    return read_member(state, id, member);
  }));
  VITRINE_CHECK(for_each_object(json, "users", [&](const std::string& id, const Object& user) {
    return read_user(state, id, user);
  }));
  VITRINE_CHECK(
      for_each_object(json, "issuers", [&](const std::string& name, const Object& jwks) -> Status {
        VITRINE_TRY(auto keys, crypto::jwks_from_json(jwks));
        state.issuers.emplace(name, Issuer{std::move(keys)});
        return {};
      }));
  VITRINE_CHECK(for_each_object(json, "issuers", [&](const std::string& name, const Object& jwks) {
    return read_issuer(state, name, jwks);
  }));
  VITRINE_CHECK(for_each_object(json, "jwt_validation_policies",
                                [&](const std::string& issuer, const Object& stored) {
                                  return read_jwt_policy(state, issuer, stored);
                                }));
  VITRINE_CHECK(read_policies(state, json));
  return state;
}

}  // namespace

Object State::to_json() const {
  Object json;
  Object object;
  for (const auto& [id, member] : members) {
    Object each;
    each["certificate"] = member.certificate.pem();
    each["status"] = name_of(member.status);
    if (!member.data.is_null()) each["data"] = member.data;
    object[id] = std::move(each);
  }
  if (!object.empty()) json["members"] = std::exchange(object, {});
  for (const auto& [id, user] : users) {
    Object each;
    each["certificate"] = user.certificate.pem();
    if (!user.data.is_null()) each["data"] = user.data;
    object[id] = std::move(each);
  }
  if (!object.empty()) json["users"] = std::exchange(object, {});
  for (const auto& [name, issuer] : issuers) object[name] = governance::to_json(issuer);
  if (!object.empty()) json["issuers"] = std::exchange(object, {});
  for (const auto& [issuer, validation_policy] : jwt_validation_policies) {
    object[issuer] = validation_policy;
  }
  if (!object.empty()) json["jwt_validation_policies"] = std::exchange(object, {});
  if (release_policy) json["release_policy"] = release_policy->to_json();
  if (rotation_policy) json["rotation_policy"] = rotation_policy->stored;
  if (settings_policy) json["settings_policy"] = settings_policy->stored;
  if (auto governed = settings.to_json(); !governed.empty()) {
    json["settings"] = std::move(governed);
  }
  return json;
}

Result<State> State::from_json(const Object& json) {
  auto state = read_state(json);
  if (!state) return in_context("governance state", state.error());
  return state;
}

}  // namespace vitrine::governance
