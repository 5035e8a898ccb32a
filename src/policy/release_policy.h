// The key release policy: grammar and merging (kms-api.md 7.1 with its Rules; decisions.md, Wire).
// Immutable history is the ledger's; this is the policy in force. An absent policy denies, an empty
// one too.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "policy/claim_names.h"  // is_known_claim

namespace vitrine::policy {

class ReleasePolicy {
 public:
  // Applies the args of a set_key_release_policy action:
  // {"type":"add"|"remove","claims":{…},"gte"?,"gt"?,"lt"?,"lte"?,
  // "profiles"?,"freshness"?,"allow_unbound"?,"service"?}. malformed: names the member and why;
  // nothing is changed then.
  // Values are text, integers or truth values; an operator's are integers or text that is one.
  Status apply(const codec::json::Object& args);

  // As GET /app/keyReleasePolicy shows it: type, claims, gte, gt, then what else is set
  // (decisions.md, Wire).
  codec::json::Object to_json() const;
  // Reads what to_json wrote, and nothing it could not have written.
  static Result<ReleasePolicy> from_json(const codec::json::Object& stored);

  const codec::json::Object& claims() const { return claims_; }  // name → array of accepted values
  const codec::json::Object* operator_values(
      std::string_view name) const;  // "gte", "gt", "lt", "lte"; nullptr if never set
  const std::vector<std::string>& profiles() const { return profiles_; }  // empty: {"snp-aci"}
  std::string_view freshness() const { return freshness_; }  // "none", "age" or "nonce"
  bool allow_unbound() const { return allow_unbound_; }
  // True when, for each profile the policy accepts, the claim that tells one workload from another
  // there is pinned to values that are not well-known permissive ones (attestation.md 4): host data
  // for snp-aci, whose measurement is that of everybody's utility VM; the measurement for snp,
  // whose host data the host chooses. Outside dev a policy that is not bound needs allow_unbound.
  bool is_bound() const;
  // The claim name has values (any).
  bool pins(std::string_view name) const;
  // The first well-known permissive value of host data that the policy accepts; empty if none.
  std::string permissive_host_data() const;
  // profiles(), or {"snp-aci"} where the policy names none.
  std::vector<std::string> accepted_profiles() const;

 private:
  struct Operator {
    std::string_view name;
    codec::json::Object ReleasePolicy::*values;
    bool ReleasePolicy::*set;
  };
  static const Operator kOperators[4];
  Status add(const codec::json::Object& args);
  Status remove(const codec::json::Object& args);
  Status add_claims(const codec::json::Object& claims);
  Status remove_claims(const codec::json::Object& claims);
  Status replace_conditions(const codec::json::Object& args);

  bool stored_ = false;  // something was ever added
  codec::json::Object claims_, gte_, gt_, lt_, lte_;
  bool has_gte_ = false, has_gt_ = false, has_lt_ = false, has_lte_ = false;
  std::vector<std::string> profiles_;
  std::string freshness_ = "none";
  bool freshness_set_ = false, allow_unbound_ = false, allow_unbound_set_ = false,
       profiles_set_ = false;
};

}  // namespace vitrine::policy
