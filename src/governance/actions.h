// The actions a proposal may carry: validated fully, then applied to a state, all or nothing.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "crypto/cose.h"
#include "governance/state.h"

namespace vitrine::governance {

struct Action {
  std::string name;
  codec::json::Object args;
};

// {"actions":[{"name":…,"args":{…}},…]}. malformed names what is wrong.
Result<std::vector<Action>> actions_from_json(const codec::json::Object& proposal);

// What POST /app/proposals accepts (kms-api.md 2.9): set_settings_policy, set_key_release_policy,
// set_key_rotation_policy, set_jwt_validation_policy. not_found: another name. malformed: bad args.
// In dev set_jwt_issuer, remove_jwt_issuer and set_jwt_public_signing_keys are understood by
// apply_action too, for genesis and for the governance work to come.
bool is_app_action(std::string_view name);
// `state` is changed only on success.
Status apply_action(State& state, const Action& action);
Status apply_all(State& state, const std::vector<Action>& actions);

// Hex SHA-256 of the compact JSON of the action's args: the id /app/proposals answers with.
std::string app_proposal_id(const Action& action);

// A signed envelope of POST /app/proposals, checked against the users of a state (kms-api.md 8.1).
struct Envelope {
  crypto::CoseSign1 message;
  Digest identity;              // equal for two envelopes if and only if one signing made both
  std::string proposer;         // user id
  std::int64_t created_at = 0;  // seconds
};
// Framework's COSE check: alg, kid, created_at present, signer a known user, signature. The message
// of the error is the detail text of the contract ("Signer is not a known user"). kid, type and
// created_at are checked before the signature.
Result<Envelope> verify_envelope(const State& state, ByteView bytes);

}  // namespace vitrine::governance
