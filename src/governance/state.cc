#include "governance/state.h"

#include "base/hex.h"
#include "crypto/hash.h"

namespace vitrine::governance {
namespace {

namespace cbor = codec::cbor;
using codec::json::Value;

cbor::Value json_text(const Value& value) { return cbor::Value::text(codec::json::write(value)); }

// {1 certificate, 2 status, 3 data}; a user has no status.
cbor::Value person(const crypto::Certificate& certificate, bool active, const Value& data) {
  std::vector<cbor::Value::Entry> entries;
  entries.emplace_back(cbor::Value::uint(1), cbor::Value::bytes(certificate.der()));
  if (active) entries.emplace_back(cbor::Value::uint(2), cbor::Value::uint(1));
  if (!data.is_null()) entries.emplace_back(cbor::Value::uint(3), json_text(data));
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

}  // namespace

policy::JwtRules State::jwt_rules() const {
  policy::JwtRules rules;
  rules.audience_arrays = settings.jwt_audience_arrays;
  rules.allow_empty = settings.dev;
  return rules;
}

cbor::Value State::canonical() const {
  std::vector<cbor::Value::Entry> state;
  const auto put = [&](std::uint64_t key, cbor::Value value) {
    state.emplace_back(cbor::Value::uint(key), std::move(value));
  };
  const auto put_map = [&](std::uint64_t key, std::vector<cbor::Value::Entry> entries) {
    if (!entries.empty()) put(key, cbor::Value::map(std::move(entries)));
  };

  std::vector<cbor::Value::Entry> entries;
  for (const auto& [id, member] : members) {
    entries.emplace_back(
        id_of(member.certificate),
        person(member.certificate, member.status == MemberStatus::active, member.data));
  }
  put_map(1, std::exchange(entries, {}));
  for (const auto& [id, user] : users) {
    entries.emplace_back(id_of(user.certificate), person(user.certificate, false, user.data));
  }
  put_map(2, std::exchange(entries, {}));
  for (const auto& [name, issuer] : issuers) {
    entries.emplace_back(cbor::Value::text(name), keys_of(issuer));
  }
  put_map(3, std::exchange(entries, {}));
  for (const auto& [issuer, validation_policy] : jwt_validation_policies) {
    entries.emplace_back(cbor::Value::text(issuer), json_text(validation_policy));
  }
  put_map(4, std::exchange(entries, {}));

  if (release_policy) put(5, json_text(release_policy->to_json()));
  if (rotation_policy) put(6, json_text(rotation_policy->stored));
  if (settings_policy) put(7, json_text(settings_policy->stored));
  auto governed = settings.canonical();
  if (!governed.entries().empty()) put(8, std::move(governed));
  return cbor::Value::map(std::move(state));
}

Digest State::digest() const { return crypto::sha256(cbor::encode(canonical())); }

std::string identity_of(const crypto::Certificate& certificate) {
  return to_hex(certificate.der_sha256());
}

}  // namespace vitrine::governance
