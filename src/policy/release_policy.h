// The key release policy: grammar and merging (kms-api.md 7.1 with its Rules; decisions.md, Wire).
// Immutable history is the ledger's; this is the policy in force. An absent policy denies, an empty
// one too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace vitrine::policy {

class ReleasePolicy {
 public:
  // Applies the args of a set_key_release_policy action:
  // {"type":"add"|"remove","claims":{…},"gte"?,"gt"?,"lt"?,"lte"?,
  // "profiles"?,"freshness"?,"allow_unbound"?,"service"?}. malformed: names the member and why;
  // nothing is changed then.
  Status apply(const codec::json::Object& args);

  // As GET /app/keyReleasePolicy shows it: type, claims, gte, gt, then what else is set
  // (decisions.md, Wire).
  codec::json::Object to_json() const;
  static Result<ReleasePolicy> from_json(const codec::json::Object& stored);

  const codec::json::Object& claims() const { return claims_; }  // name → array of accepted values
  const codec::json::Object* operator_values(
      std::string_view name) const;  // "gte", "gt", "lt", "lte"; nullptr if never set
  const std::vector<std::string>& profiles() const { return profiles_; }  // empty: {"snp-aci"}
  std::string_view freshness() const { return freshness_; }  // "none", "age" or "nonce"
  bool allow_unbound() const { return allow_unbound_; }
  // True when some claim pins measurement or host data to values that are not well-known permissive
  // ones (attestation.md 4). Outside dev a policy that is not bound needs allow_unbound.
  bool is_bound() const;

 private:
  codec::json::Object claims_, gte_, gt_, lt_, lte_;
  bool has_gte_ = false, has_gt_ = false, has_lt_ = false, has_lte_ = false;
  std::vector<std::string> profiles_;
  std::string freshness_ = "none";
  bool freshness_set_ = false, allow_unbound_ = false, allow_unbound_set_ = false,
       profiles_set_ = false;
};

// Claim names a release policy may use (kms-api.md 7.1, attestation.md 13, uvm_endorsements-*).
bool is_known_claim(std::string_view name);

}  // namespace vitrine::policy
