// The governance state: everything that decides who can get a key. A fold over governance entries;
// its canonical form's digest stands in every leaf (key 10). Pure; a value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "codec/cbor.h"
#include "codec/json.h"
#include "crypto/jwk.h"
#include "crypto/x509.h"
#include "governance/settings.h"
#include "policy/jwt_validation_policy.h"
#include "policy/release_policy.h"
#include "policy/service_policies.h"

namespace vitrine::governance {

enum class MemberStatus { accepted, active };

struct Member {
  crypto::Certificate certificate;
  MemberStatus status = MemberStatus::active;
  codec::json::Value data;  // null or what registration gave
};

struct User {
  crypto::Certificate certificate;
  codec::json::Value data;
};

// Keys stored for an issuer vouch for that issuer's tokens alone (attestation.md 1.3;
// kms-api.md 1.4, Rule).
struct Issuer {
  std::vector<crypto::Jwk> keys;
};

struct State {
  std::map<std::string, Member, std::less<>> members;  // by hex SHA-256 of the DER certificate
  std::map<std::string, User, std::less<>> users;
  std::map<std::string, Issuer, std::less<>> issuers;
  std::map<std::string, codec::json::Object, std::less<>> jwt_validation_policies;  // by issuer
  std::optional<policy::ReleasePolicy> release_policy;
  std::optional<policy::RotationPolicy> rotation_policy;
  std::optional<policy::SettingsPolicy> settings_policy;
  Settings settings;

  policy::JwtRules jwt_rules() const;
  // A map whose members are absent at their default (decisions.md, Ledger bytes;
  // docs/formats/governance-state.md).
  codec::cbor::Value canonical() const;
  Digest digest() const;
  // The whole state as JSON, for the genesis entry; from_json reads it back to an equal state.
  codec::json::Object to_json() const;
  static Result<State> from_json(const codec::json::Object& json);
};

std::string identity_of(const crypto::Certificate& certificate);  // hex SHA-256 of the DER

}  // namespace vitrine::governance
