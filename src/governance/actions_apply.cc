// Applying what the members voted (docs/design/2026-11-24-governance.md).
#include <algorithm>
#include <array>

#include "crypto/hash.h"
#include "governance/action_table.h"
#include "policy/nearest.h"

namespace vitrine::governance {
namespace {

std::array<std::span<const ActionRow>, 7> groups() {
  return {policy_actions(), issuer_actions(),  member_actions(),   trust_actions(),
          node_actions(),   service_actions(), tolerated_actions()};
}

// `change` may be half-changed behind an error.
Status apply_one(Change& change, const Action& action) {
  const auto* row = find_action(action.name);
  if (row == nullptr) return no_such_action(action.name);
  return apply_row(*row, change, action.args);
}

// The recovery threshold needs as many active recovery members; while the service is prepared,
// they may come later.
Status check_threshold(const State& state) {
  if (state.opening) return {};
  const auto members = state.active_recovery_members().size();
  if (state.recovery_threshold <= members) return {};
  return conflict("recovery threshold: " + std::to_string(state.recovery_threshold) +
                      " shares are needed and " + std::to_string(members) +
                      " active members would hold one",
                  "set a lower recovery_threshold in the same proposal, before it");
}

// What held before has to hold afterwards: a state that is broken already can still be mended.
Status check_whole(const State& before, const State& after) {
  if (auto status = check_threshold(after); !status && check_threshold(before)) return status;
  auto status = after.constitution.check_satisfiable(after);
  if (status) return {};
  const bool moved = !(after.constitution == before.constitution);
  if (moved || before.constitution.check_satisfiable(before)) return status;
  return {};
}

}  // namespace

const ActionRow* find_action(std::string_view name) {
  for (const auto group : groups()) {
    for (const auto& row : group) {
      if (row.name == name) return &row;
    }
  }
  return nullptr;
}

bool is_action(std::string_view name) { return find_action(name) != nullptr; }

tl::unexpected<Error> no_such_action(std::string_view name) {
  std::vector<std::string_view> names;
  for (const auto group : groups()) {
    for (const auto& row : group) names.push_back(row.name);
  }
  const auto near = policy::nearest(name, names);
  // The words of ccf.md 5.
  return malformed(std::string(name.substr(0, 128)) + ": no such action",
                   near.empty() ? "" : "did you mean " + std::string(near) + "?");
}

bool changes_trust(std::string_view name) {
  const auto* row = find_action(name);
  return row != nullptr && row->trust;
}

Status apply_action(Change& change, const Action& action) {
  State state = change.state;
  Proceedings proceedings = change.proceedings;
  Change next{state, proceedings, change.proposer, change.at};
  VITRINE_CHECK(apply_one(next, action));
  change.state = std::move(state);
  change.proceedings = std::move(proceedings);
  return {};
}

Status apply_all(Change& change, const std::vector<Action>& actions) {
  State state = change.state;
  Proceedings proceedings = change.proceedings;
  Change next{state, proceedings, change.proposer, change.at};
  for (const auto& action : actions) VITRINE_CHECK(apply_one(next, action));
  VITRINE_CHECK(check_whole(change.state, state));
  change.state = std::move(state);
  change.proceedings = std::move(proceedings);
  return {};
}

Digest target_digest(const State& state, const Action& action) {
  const auto* row = find_action(action.name);
  if (row == nullptr || row->target == nullptr) return {};
  return crypto::sha256(codec::cbor::encode(row->target(state, action.args)));
}

}  // namespace vitrine::governance
