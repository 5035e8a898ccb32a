// Which actions only take away: they take effect at once (DESIGN.md 4, decision 9). Whatever is not
// shown to take away waits.
#include <algorithm>
#include <array>

#include "base/hex.h"
#include "governance/action_args.h"
#include "governance/actions.h"
#include "governance/constitution.h"
#include "governance/json_fields.h"
#include "policy/comparison.h"

namespace vitrine::governance {
namespace {

using codec::json::Array;
using codec::json::Object;
using codec::json::Value;

// What takes away, or changes nothing at all, whatever its args are.
constexpr std::array kTakeAway = std::to_array<std::string_view>(
    {"remove_jwt_issuer", "remove_member", "remove_user", "remove_node", "remove_ca_cert_bundle",
     "remove_snp_measurement", "remove_snp_host_data", "remove_snp_uvm_endorsement", "freeze",
     "mark_key_compromised", "assert_service_identity"});

Array list_of(const Value& value) {
  if (const auto* list = value.if_array()) return *list;
  return {value};
}

bool are_within(const Value& after, const Value& before) {
  const auto allowed = list_of(before);
  const auto now = list_of(after);
  return std::all_of(now.begin(), now.end(), [&](const Value& value) {
    return std::find(allowed.begin(), allowed.end(), value) != allowed.end();
  });
}

// Every name that had to have one of some values still has to, with no value more. A name that
// comes beside them demands more.
bool accepts_no_more(const Object& before, const Object& after) {
  return std::all_of(before.begin(), before.end(), [&](const auto& member) {
    const auto* value = codec::json::find(after, key_of(member));
    return value != nullptr && are_within(*value, member.value());
  });
}

bool names_within(const std::vector<std::string>& after, const std::vector<std::string>& before) {
  return std::all_of(after.begin(), after.end(), [&](const std::string& name) {
    return std::find(before.begin(), before.end(), name) != before.end();
  });
}

int rank_of(std::string_view freshness) {
  return freshness == "nonce" ? 2 : freshness == "age" ? 1 : 0;
}

// A bound that stays or moves inwards.
bool is_no_wider(std::string_view op, const Value& before, const Value& after) {
  const auto old = policy::number_of(before), now = policy::number_of(after);
  if (!old || !now) return false;
  return op.starts_with('g') ? *now >= *old : *now <= *old;
}

bool operators_accept_no_more(const policy::ReleasePolicy& before,
                              const policy::ReleasePolicy& after) {
  for (const std::string_view op : {"gte", "gt", "lt", "lte"}) {
    const auto* old = before.operator_values(op);
    if (old == nullptr) continue;
    const auto* now = after.operator_values(op);
    if (now == nullptr) return false;
    for (const auto& member : *old) {
      const auto* value = codec::json::find(*now, key_of(member));
      if (value == nullptr || !is_no_wider(op, member.value(), *value)) return false;
    }
  }
  return true;
}

bool accepts_no_more(const policy::ReleasePolicy& before, const policy::ReleasePolicy& after) {
  if (after.claims().empty()) return true;  // nobody
  if (before.claims().empty()) return false;
  return accepts_no_more(before.claims(), after.claims()) &&
         operators_accept_no_more(before, after) &&
         names_within(after.accepted_profiles(), before.accepted_profiles()) &&
         rank_of(after.freshness()) >= rank_of(before.freshness());
}

// `after` is what the action makes of `before`.
bool accepts_no_more(const State& before, const State& after, const Action& action) {
  const auto issuer = codec::json::text_of(action.args, "issuer").value_or("");
  if (action.name == "set_key_release_policy") {
    return before.release_policy && after.release_policy &&
           accepts_no_more(*before.release_policy, *after.release_policy);
  }
  if (action.name == "set_jwt_validation_policy") {
    const auto old = before.jwt_validation_policies.find(issuer);
    const auto now = after.jwt_validation_policies.find(issuer);
    return old != before.jwt_validation_policies.end() &&
           now != after.jwt_validation_policies.end() && accepts_no_more(old->second, now->second);
  }
  const auto old = before.issuers.find(issuer);
  const auto now = after.issuers.find(issuer);
  if (old == before.issuers.end() || now == after.issuers.end()) return false;
  const bool refreshed_as_before =
      !now->second.auto_refresh ||
      (old->second.auto_refresh &&
       now->second.ca_cert_bundle_name == old->second.ca_cert_bundle_name);
  return refreshed_as_before &&
         std::all_of(now->second.keys.begin(), now->second.keys.end(), [&](const auto& key) {
           return std::any_of(
               old->second.keys.begin(), old->second.keys.end(), [&](const auto& is) {
                 return is.kid == key.kid && is.algorithm == key.algorithm && is.key == key.key;
               });
         });
}

bool is_set_of_policy_or_issuer(std::string_view name) {
  return name == "set_key_release_policy" || name == "set_jwt_validation_policy" ||
         name == "set_jwt_issuer" || name == "set_jwt_public_signing_keys";
}

// A lowest TCB version that is raised, no part of it lowered. Each of its bytes is a part or
// reserved.
bool raises_tcb(const State& state, const Action& action) {
  const auto cpuid = hex_arg(action.args, "cpuid", 8),
             tcb = hex_arg(action.args, "tcb_version", 16);
  if (!cpuid || !tcb) return false;
  const auto found = state.join_policy.snp_tcb_versions.find(*cpuid);
  if (found == state.join_policy.snp_tcb_versions.end()) return false;
  const auto before = from_hex(found->second), after = from_hex(*tcb);
  return before && after && before->size() == after->size() &&
         std::equal(after->begin(), after->end(), before->begin(),
                    [](Byte now, Byte old) { return now >= old; });
}

// Alters `state` by the action where a later one builds upon what it sets.
bool tightens(State& state, const Action& action) {
  if (std::find(kTakeAway.begin(), kTakeAway.end(), action.name) != kTakeAway.end()) return true;
  if (action.name == "set_snp_minimum_tcb_version_hex") return raises_tcb(state, action);
  if (!is_set_of_policy_or_issuer(action.name)) return false;
  State after = state;
  if (!apply_action(after, action)) return false;
  const bool no_more = accepts_no_more(state, after, action);
  state = std::move(after);
  return no_more;
}

}  // namespace

bool is_tightening(const State& state, const Action& action) {
  State scratch = state;
  return tightens(scratch, action);
}

std::vector<bool> are_tightening(const State& state, const std::vector<Action>& actions) {
  State scratch = state;
  std::vector<bool> result;
  for (const auto& action : actions) result.push_back(tightens(scratch, action));
  return result;
}

}  // namespace vitrine::governance
