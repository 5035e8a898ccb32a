// The governance state: everything that decides who can get a key. A fold over governance entries;
// its canonical form's digest stands in every leaf (key 10). Pure; a value.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "codec/cbor.h"
#include "codec/json.h"
#include "crypto/jwk.h"
#include "crypto/x509.h"
#include "governance/constitution.h"
#include "governance/settings.h"
#include "policy/jwt_validation_policy.h"
#include "policy/release_policy.h"
#include "policy/service_policies.h"

namespace vitrine::governance {

enum class MemberStatus { accepted, active };

struct Member {
  crypto::Certificate certificate;
  MemberStatus status = MemberStatus::active;
  codec::json::Value data = nullptr;  // null or what registration gave
  // RSA, 2048 to 4096 bits. A member with one takes part in recovery: it is dealt a share.
  std::optional<crypto::PublicKey> encryption_key = std::nullopt;

  bool is_recovery_member() const { return encryption_key.has_value(); }
  bool is_operator() const;  // member_data.is_operator
};

struct User {
  crypto::Certificate certificate;
  codec::json::Value data;
};

// Keys stored for an issuer vouch for that issuer's tokens alone (attestation.md 1.3;
// kms-api.md 1.4, Rule).
struct Issuer {
  std::vector<crypto::Jwk> keys;
  bool auto_refresh = false;             // keys are fetched from the issuer itself
  std::string ca_cert_bundle_name = {};  // whose roots vouch for the issuer's TLS certificate
};

// Whom the service's secrets may be given to: nodes that join or take over (ccf.md 11). An empty
// policy lets nobody in.
struct JoinPolicy {
  std::set<std::string, std::less<>> snp_measurements;            // 96 hex digits
  std::map<std::string, std::string, std::less<>> snp_host_data;  // 64 hex digits → policy
  std::map<std::string, std::map<std::string, std::string>, std::less<>>
      snp_uvm_endorsements;                                          // did → feed → lowest svn
  std::map<std::string, std::string, std::less<>> snp_tcb_versions;  // cpuid, 8 hex → 16 hex

  bool operator==(const JoinPolicy&) const = default;
};

// Releases and joins are stopped.
struct Frozen {
  std::string member;
  Time since;
  bool operator==(const Frozen&) const = default;
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
  std::map<std::string, std::string, std::less<>> ca_cert_bundles;  // name → PEM
  Constitution constitution;
  std::uint32_t recovery_threshold = 0;  // shares that open the service; 0: none are dealt
  JoinPolicy join_policy;
  bool opening = false;          // members prepare it; application endpoints are closed
  std::optional<Frozen> frozen;  // by one member; a quorum thaws
  std::set<std::string, std::less<>> compromised_keys;  // kids: released still, never given out

  std::size_t active_members() const;
  std::vector<std::string> active_recovery_members() const;  // ids, ascending
  policy::JwtRules jwt_rules() const;
  // A map whose members are absent at their default (decisions.md, Ledger bytes;
  // docs/formats/governance-state.md).
  codec::cbor::Value canonical() const;
  Digest digest() const;
  // The whole state as JSON, for the genesis entry; from_json reads it back to an equal state.
  codec::json::Object to_json() const;
  static Result<State> from_json(const codec::json::Object& json);
};

// malformed: not RSA of 2048 to 4096 bits.
Status check_encryption_key(const crypto::PublicKey& key);
std::string identity_of(const crypto::Certificate& certificate);  // hex SHA-256 of the DER
// What the member is called: member_data.name, else the certificate's common name.
std::string display_name(const Member& member);

}  // namespace vitrine::governance
