#include "governance/state.h"

#include "base/hex.h"
#include "crypto/hash.h"

namespace vitrine::governance {
namespace {

namespace cbor = codec::cbor;
using codec::json::Value;

cbor::Value json_text(const Value& value) { return cbor::Value::text(codec::json::write(value)); }

using Entries = std::vector<cbor::Value::Entry>;

void put(Entries& entries, std::uint64_t key, cbor::Value value) {
  entries.emplace_back(cbor::Value::uint(key), std::move(value));
}

// {1 certificate, 2 status, 3 data, 4 encryption key}; a user has 1 and 3 alone.
cbor::Value person(const crypto::Certificate& certificate, bool active, const Value& data,
                   const std::optional<crypto::PublicKey>& encryption_key) {
  Entries entries;
  put(entries, 1, cbor::Value::bytes(certificate.der()));
  if (active) put(entries, 2, cbor::Value::uint(1));
  if (!data.is_null()) put(entries, 3, json_text(data));
  if (encryption_key) put(entries, 4, cbor::Value::bytes(encryption_key->spki()));
  return cbor::Value::map(std::move(entries));
}

cbor::Value id_of(const crypto::Certificate& certificate) {
  return cbor::Value::bytes(certificate.der_sha256());
}

cbor::Value keys_of(const Issuer& issuer) {
  std::vector<cbor::Value> keys;
  for (const auto& key : issuer.keys) {
    keys.push_back(cbor::Value::array({cbor::Value::text(key.kid),
                                       cbor::Value::text(crypto::name_of(key.algorithm)),
                                       cbor::Value::bytes(key.key.spki())}));
  }
  return cbor::Value::array(std::move(keys));
}

// Its keys, or, where they are refreshed, {1 keys, 2 auto refresh, 3 name of the CA bundle}.
cbor::Value issuer_of(const Issuer& issuer) {
  if (!issuer.auto_refresh && issuer.ca_cert_bundle_name.empty()) return keys_of(issuer);
  Entries entries;
  put(entries, 1, keys_of(issuer));
  if (issuer.auto_refresh) put(entries, 2, cbor::Value::boolean(true));
  if (!issuer.ca_cert_bundle_name.empty())
    put(entries, 3, cbor::Value::text(issuer.ca_cert_bundle_name));
  return cbor::Value::map(std::move(entries));
}

template <class Texts>
cbor::Value list_of(const Texts& texts) {
  std::vector<cbor::Value> list;
  for (const auto& text : texts) list.push_back(cbor::Value::text(text));
  return cbor::Value::array(std::move(list));
}

template <class Map>
cbor::Value map_of(const Map& texts) {
  Entries entries;
  for (const auto& [name, text] : texts)
    entries.emplace_back(cbor::Value::text(name), cbor::Value::text(text));
  return cbor::Value::map(std::move(entries));
}

// {1 measurements, 2 host data, 3 UVM endorsements, 4 minimum TCB}
cbor::Value policy_of(const JoinPolicy& policy) {
  Entries entries;
  if (!policy.snp_measurements.empty()) put(entries, 1, list_of(policy.snp_measurements));
  if (!policy.snp_host_data.empty()) put(entries, 2, map_of(policy.snp_host_data));
  Entries endorsements;
  for (const auto& [did, feeds] : policy.snp_uvm_endorsements)
    endorsements.emplace_back(cbor::Value::text(did), map_of(feeds));
  if (!endorsements.empty()) put(entries, 3, cbor::Value::map(std::move(endorsements)));
  if (!policy.snp_tcb_versions.empty()) put(entries, 4, map_of(policy.snp_tcb_versions));
  return cbor::Value::map(std::move(entries));
}

cbor::Value frozen_of(const Frozen& frozen) {
  return cbor::Value::array(
      {cbor::Value::text(frozen.member),
       cbor::Value::uint(static_cast<std::uint64_t>(to_unix_ms(frozen.since)))});
}

}  // namespace

bool Member::is_operator() const {
  const auto* object = data.if_object();
  const auto* flag = object == nullptr ? nullptr : codec::json::find(*object, "is_operator");
  return flag != nullptr && flag->is_bool() && flag->get_bool();
}

std::size_t State::active_members() const {
  std::size_t active = 0;
  for (const auto& [id, member] : members) active += member.status == MemberStatus::active ? 1 : 0;
  return active;
}

std::vector<std::string> State::active_recovery_members() const {
  std::vector<std::string> ids;
  for (const auto& [id, member] : members) {
    if (member.status == MemberStatus::active && member.is_recovery_member()) ids.push_back(id);
  }
  return ids;
}

policy::JwtRules State::jwt_rules() const {
  policy::JwtRules rules;
  rules.audience_arrays = settings.jwt_audience_arrays;
  rules.allow_empty = settings.dev;
  return rules;
}

cbor::Value State::canonical() const {
  Entries state;
  const auto put_map = [&](std::uint64_t key, Entries entries) {
    if (!entries.empty()) put(state, key, cbor::Value::map(std::move(entries)));
  };

  Entries entries;
  for (const auto& [id, member] : members) {
    entries.emplace_back(id_of(member.certificate),
                         person(member.certificate, member.status == MemberStatus::active,
                                member.data, member.encryption_key));
  }
  put_map(1, std::exchange(entries, {}));
  for (const auto& [id, user] : users) {
    entries.emplace_back(id_of(user.certificate),
                         person(user.certificate, false, user.data, std::nullopt));
  }
  put_map(2, std::exchange(entries, {}));
  for (const auto& [name, issuer] : issuers) {
    entries.emplace_back(cbor::Value::text(name), issuer_of(issuer));
  }
  put_map(3, std::exchange(entries, {}));
  for (const auto& [issuer, validation_policy] : jwt_validation_policies) {
    entries.emplace_back(cbor::Value::text(issuer), json_text(validation_policy));
  }
  put_map(4, std::exchange(entries, {}));

  if (release_policy) put(state, 5, json_text(release_policy->to_json()));
  if (rotation_policy) put(state, 6, json_text(rotation_policy->stored));
  if (settings_policy) put(state, 7, json_text(settings_policy->stored));
  auto governed = settings.canonical();
  if (!governed.entries().empty()) put(state, 8, std::move(governed));
  if (!ca_cert_bundles.empty()) put(state, 9, map_of(ca_cert_bundles));
  if (constitution != Constitution()) put(state, 10, json_text(constitution.to_json()));
  if (recovery_threshold != 0) put(state, 11, cbor::Value::uint(recovery_threshold));
  if (join_policy != JoinPolicy()) put(state, 12, policy_of(join_policy));
  if (opening) put(state, 13, cbor::Value::boolean(true));
  if (frozen) put(state, 14, frozen_of(*frozen));
  if (!compromised_keys.empty()) put(state, 15, list_of(compromised_keys));
  return cbor::Value::map(std::move(state));
}

Digest State::digest() const { return crypto::sha256(cbor::encode(canonical())); }

std::string display_name(const Member& member) {
  if (const auto* object = member.data.if_object()) {
    if (const auto name = codec::json::text_of(*object, "name"); name && !name->empty())
      return std::string(*name);
  }
  return member.certificate.subject_common_name();
}

Status check_encryption_key(const crypto::PublicKey& key) {
  if (key.kind() == crypto::KeyKind::rsa) return {};
  return malformed("the encryption key is not an RSA key of 2048 to 4096 bits");
}

std::string identity_of(const crypto::Certificate& certificate) {
  return to_hex(certificate.der_sha256());
}

}  // namespace vitrine::governance
