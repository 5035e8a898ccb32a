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
     "settings_policy", "settings", "ca_cert_bundles", "constitution", "recovery_threshold",
     "join_policy", "opening", "frozen", "compromised_keys"});
constexpr std::int64_t kRecoveryThresholdMax = 254;

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
  if (issuer.auto_refresh) json["auto_refresh"] = true;
  if (!issuer.ca_cert_bundle_name.empty()) json["ca_cert_bundle_name"] = issuer.ca_cert_bundle_name;
  return json;
}

Object to_json(const Member& member) {
  Object json;
  json["certificate"] = member.certificate.pem();
  json["status"] = name_of(member.status);
  if (!member.data.is_null()) json["data"] = member.data;
  if (member.encryption_key) json["encryption_key"] = member.encryption_key->pem();
  return json;
}

template <class Texts>
Array list_of(const Texts& texts) {
  Array list;
  for (const auto& text : texts) list.emplace_back(text);
  return list;
}

template <class Map>
Object object_of(const Map& texts) {
  Object object;
  for (const auto& [name, text] : texts) object[name] = text;
  return object;
}

Object to_json(const JoinPolicy& policy) {
  Object json;
  if (!policy.snp_measurements.empty()) json["snp_measurements"] = list_of(policy.snp_measurements);
  if (!policy.snp_host_data.empty()) json["snp_host_data"] = object_of(policy.snp_host_data);
  Object endorsements;
  for (const auto& [did, feeds] : policy.snp_uvm_endorsements) endorsements[did] = object_of(feeds);
  if (!endorsements.empty()) json["snp_uvm_endorsements"] = std::move(endorsements);
  if (!policy.snp_tcb_versions.empty())
    json["snp_tcb_versions"] = object_of(policy.snp_tcb_versions);
  return json;
}

Object to_json(const Frozen& frozen) {
  Object json;
  json["member"] = frozen.member;
  json["since"] = to_unix_ms(frozen.since);
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
  constexpr std::array kKnown =
      std::to_array<std::string_view>({"certificate", "status", "data", "encryption_key"});
  VITRINE_CHECK(check_known("member", json, kKnown));
  VITRINE_TRY(auto certificate, certificate_of(id, json));
  const auto status = codec::json::text_of(json, "status");
  if (status != "Active" && status != "Accepted") {
    return malformed("status is neither Active nor Accepted");
  }
  Member member{std::move(certificate),
                status == "Active" ? MemberStatus::active : MemberStatus::accepted, data_of(json),
                std::nullopt};
  if (codec::json::find(json, "encryption_key") != nullptr) {
    VITRINE_TRY(const auto pem, required_text("member", json, "encryption_key"));
    VITRINE_TRY(member.encryption_key, crypto::PublicKey::from_pem(pem));
    VITRINE_CHECK(check_encryption_key(*member.encryption_key));
  }
  state.members.emplace(id, std::move(member));
  return {};
}

Status read_user(State& state, const std::string& id, const Object& json) {
  constexpr std::array kKnown = std::to_array<std::string_view>({"certificate", "data"});
  VITRINE_CHECK(check_known("user", json, kKnown));
  VITRINE_TRY(auto certificate, certificate_of(id, json));
  state.users.emplace(id, User{std::move(certificate), data_of(json)});
  return {};
}

Status read_issuer(State& state, const std::string& name, const Object& json) {
  constexpr std::array kKnown =
      std::to_array<std::string_view>({"keys", "auto_refresh", "ca_cert_bundle_name"});
  VITRINE_CHECK(check_known("issuer", json, kKnown));
  Issuer issuer;
  VITRINE_TRY(issuer.keys, crypto::jwks_from_json(json));
  VITRINE_CHECK(read_bool("issuer", json, "auto_refresh", issuer.auto_refresh));
  if (codec::json::find(json, "ca_cert_bundle_name") != nullptr) {
    VITRINE_TRY(issuer.ca_cert_bundle_name, required_text("issuer", json, "ca_cert_bundle_name"));
  }
  state.issuers.emplace(name, std::move(issuer));
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

// Calls `read(name, text)` for each member of the object under `name`, if it is there.
template <class Read>
Status for_each_text(const Object& json, std::string_view name, Read read) {
  const auto* value = codec::json::find(json, name);
  if (value == nullptr) return {};
  const auto* texts = value->if_object();
  if (texts == nullptr) return malformed(std::string(name) + " is not an object");
  for (const auto& member : *texts) {
    const auto* text = member.value().if_string();
    const std::string key(key_of(member));
    if (text == nullptr)
      return malformed(std::string(name) + ": " + quoted(key) + " is not a text");
    read(key, std::string(text->data(), text->size()));
  }
  return {};
}

Status read_join_policy(JoinPolicy& policy, const Object& json) {
  constexpr std::array kKnown = std::to_array<std::string_view>(
      {"snp_measurements", "snp_host_data", "snp_uvm_endorsements", "snp_tcb_versions"});
  VITRINE_CHECK(check_known("join_policy", json, kKnown));
  if (const auto* value = codec::json::find(json, "snp_measurements")) {
    VITRINE_TRY(const auto measurements, names_from("snp_measurements", *value));
    policy.snp_measurements.insert(measurements.begin(), measurements.end());
  }
  VITRINE_CHECK(for_each_text(json, "snp_host_data", [&](const auto& name, auto text) {
    policy.snp_host_data[name] = std::move(text);
  }));
  VITRINE_CHECK(for_each_text(json, "snp_tcb_versions", [&](const auto& name, auto text) {
    policy.snp_tcb_versions[name] = std::move(text);
  }));
  return for_each_object(json, "snp_uvm_endorsements",
                         [&](const std::string& did, const Object& feeds) -> Status {
                           for (const auto& feed : feeds) {
                             const auto* svn = feed.value().if_string();
                             if (svn == nullptr) return malformed("a version is not a text");
                             policy.snp_uvm_endorsements[did][std::string(key_of(feed))] =
                                 std::string(svn->data(), svn->size());
                           }
                           return {};
                         });
}

Status read_frozen(State& state, const Object& json) {
  constexpr std::array kKnown = std::to_array<std::string_view>({"member", "since"});
  VITRINE_CHECK(check_known("frozen", json, kKnown));
  Frozen frozen;
  std::int64_t since = 0;
  VITRINE_TRY(frozen.member, required_text("frozen", json, "member"));
  VITRINE_CHECK(read_integer("frozen", json, "since", 0, INT64_MAX, since));
  frozen.since = from_unix_ms(since);
  state.frozen = std::move(frozen);
  return {};
}

// Calls `read(object)` for the object under `name`, if it is there.
template <class Read>
Status with_object(const Object& json, std::string_view name, Read read) {
  if (codec::json::find(json, name) == nullptr) return {};
  const auto* object = codec::json::object_of(json, name);
  if (object == nullptr) return malformed(std::string(name) + " is not an object");
  return read(*object);
}

// What makes the service's own rules: the constitution, recovery, who may join, a freeze.
Status read_rules(State& state, const Object& json) {
  VITRINE_CHECK(for_each_text(json, "ca_cert_bundles", [&](const auto& name, auto pem) {
    state.ca_cert_bundles[name] = std::move(pem);
  }));
  VITRINE_CHECK(with_object(json, "constitution", [&](const Object& table) -> Status {
    VITRINE_TRY(state.constitution, Constitution::from_json(table));
    return {};
  }));
  std::int64_t threshold = 0;
  VITRINE_CHECK(
      read_integer("state", json, "recovery_threshold", 0, kRecoveryThresholdMax, threshold));
  state.recovery_threshold = static_cast<std::uint32_t>(threshold);
  VITRINE_CHECK(with_object(json, "join_policy", [&](const Object& policy) {
    return read_join_policy(state.join_policy, policy);
  }));
  VITRINE_CHECK(read_bool("state", json, "opening", state.opening));
  VITRINE_CHECK(with_object(json, "frozen",
                            [&](const Object& frozen) { return read_frozen(state, frozen); }));
  if (const auto* value = codec::json::find(json, "compromised_keys")) {
    VITRINE_TRY(const auto kids, names_from("compromised_keys", *value));
    state.compromised_keys.insert(kids.begin(), kids.end());
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
  VITRINE_CHECK(for_each_object(json, "issuers", [&](const std::string& name, const Object& jwks) {
    return read_issuer(state, name, jwks);
  }));
  VITRINE_CHECK(for_each_object(json, "jwt_validation_policies",
                                [&](const std::string& issuer, const Object& stored) {
                                  return read_jwt_policy(state, issuer, stored);
                                }));
  VITRINE_CHECK(read_policies(state, json));
  VITRINE_CHECK(read_rules(state, json));
  return state;
}

}  // namespace

Object State::to_json() const {
  Object json;
  Object object;
  for (const auto& [id, member] : members) object[id] = governance::to_json(member);
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
  if (!ca_cert_bundles.empty()) json["ca_cert_bundles"] = governance::object_of(ca_cert_bundles);
  if (constitution != Constitution()) json["constitution"] = constitution.to_json();
  if (recovery_threshold != 0) json["recovery_threshold"] = std::int64_t{recovery_threshold};
  if (join_policy != JoinPolicy()) json["join_policy"] = governance::to_json(join_policy);
  if (opening) json["opening"] = true;
  if (frozen) json["frozen"] = governance::to_json(*frozen);
  if (!compromised_keys.empty()) json["compromised_keys"] = list_of(compromised_keys);
  return json;
}

Result<State> State::from_json(const Object& json) {
  auto state = read_state(json);
  if (!state) return in_context("governance state", state.error());
  return state;
}

}  // namespace vitrine::governance
