// The actions a proposal may carry: validated fully, then applied to a state, all or nothing. One
// file per group: actions_members.cc, actions_service.cc, actions_trust.cc, actions_issuers.cc,
// actions_policies.cc. Pure.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "crypto/x509.h"
#include "governance/proceedings.h"
#include "governance/state.h"

namespace vitrine::governance {

struct Action {
  std::string name;
  codec::json::Object args;
};

// What actions may look at beside the states, which this module does not hold.
struct Facts {
  const crypto::Certificate* service_certificate = nullptr;
  std::function<bool(std::string_view kid)> knows_key;  // null: no key is known
};

// Where a change takes place.
struct Moment {
  ledger::TransactionId id;  // of the entry
  Time time;
  Digest signed_root;  // CCF root of the newest signed head before the entry's batch
  const Facts* facts = nullptr;
};

// What an action changes.
struct Change {
  State& state;
  Proceedings& proceedings;
  const std::string& proposer;
  const Moment& at;
};

// {"actions":[{"name":…,"args":{…}},…]}, as POST /app/proposals takes it: what else is in it does
// not count, and each name is judged in its turn. malformed: another shape, or over 64 actions.
Result<std::vector<Action>> actions_from_json(const codec::json::Object& proposal);
// The document of a proposal that members vote on: 1 to 64 actions and, optionally, "service", this
// service's genesis hash. malformed names what is wrong: no actions, an unknown one ("NAME: no such
// action"), an unknown member, another service.
Result<std::vector<Action>> actions_of(std::string_view document, const Digest* genesis_hash);

// What POST /app/proposals accepts (kms-api.md 2.9): set_settings_policy, set_key_release_policy,
// set_key_rotation_policy, set_jwt_validation_policy. In dev they apply at once.
bool is_app_action(std::string_view name);
bool is_action(std::string_view name);
// Whether applying it drops all other open proposals (ccf.md 3).
bool changes_trust(std::string_view name);

// `change` is altered only on success. malformed or conflict: why not, in words for the proposer.
Status apply_action(Change& change, const Action& action);
// All or none, and then what must hold of the whole: every rule of the constitution can be
// satisfied, the recovery threshold too.
Status apply_all(Change& change, const std::vector<Action>& actions);
// For genesis and /app/proposals: policies, issuers, bundles; no proceedings are touched.
// not_found: another action.
Status apply_action(State& state, const Action& action);
Status apply_all(State& state, const std::vector<Action>& actions);

// What an action would change, so that a proposal made against an older one is dropped: the digest
// of the release policy, of one issuer, of the constitution, of the settings …; zero bytes where
// there is nothing to compare (a member is added).
Digest target_digest(const State& state, const Action& action);

// Hex SHA-256 of the compact JSON of the action's args: the id /app/proposals answers with in dev.
std::string app_proposal_id(const Action& action);

}  // namespace vitrine::governance
