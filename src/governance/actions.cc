#include "governance/actions.h"

#include <algorithm>
#include <array>

#include "base/hex.h"
#include "crypto/hash.h"
#include "governance/action_table.h"
#include "governance/json_fields.h"

namespace vitrine::governance {
namespace {

using codec::json::Object;

constexpr std::size_t kActionsMax = 64;

// Of the actions that change the state alone: a genesis file and, in dev, /app/proposals hold them.
const ActionRow* find_alone(std::string_view name) {
  for (const auto group : {policy_actions(), issuer_actions()}) {
    for (const auto& row : group) {
      if (row.name == name) return &row;
    }
  }
  return nullptr;
}

Result<Action> action_from_json(const codec::json::Value& value, const std::string& what) {
  const auto* object = value.if_object();
  if (object == nullptr) return malformed(what + " is not an object");
  const auto name = codec::json::text_of(*object, "name");
  if (!name) return malformed(what + ": name is not text");
  Action action{std::string(*name), {}};
  const auto* args = codec::json::find(*object, "args");
  if (args == nullptr || args->is_null()) return action;  // as tools send it that have none
  if (!args->is_object()) return malformed(what + ": args is not an object");
  action.args = args->get_object();
  return action;
}

// Nothing that nobody would act upon, and so would mislead who votes.
Status check_members(const Object& document) {
  constexpr std::array kDocument = std::to_array<std::string_view>({"actions", "service"});
  constexpr std::array kAction = std::to_array<std::string_view>({"name", "args"});
  VITRINE_CHECK(check_known("proposal", document, kDocument));
  const auto& list = *codec::json::array_of(document, "actions");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const std::string what = "proposal: actions[" + std::to_string(i) + "]";
    VITRINE_CHECK(check_known(what, list.at(i).get_object(), kAction));
  }
  return {};
}

Status check_service(const Object& document, const Digest* genesis_hash) {
  if (codec::json::find(document, "service") == nullptr) return {};
  VITRINE_TRY(const auto service, required_digest("proposal", document, "service"));
  if (genesis_hash != nullptr && service != *genesis_hash) {
    return malformed("proposal: service: it is for the service " + to_hex(service) +
                     ", this one is " + to_hex(*genesis_hash));
  }
  return {};
}

}  // namespace

Result<std::vector<Action>> actions_from_json(const Object& proposal) {
  const auto* list = codec::json::array_of(proposal, "actions");
  if (list == nullptr) return malformed("proposal: actions is not an array");
  if (list->size() > kActionsMax) return malformed("proposal: over 64 actions");
  std::vector<Action> actions;
  for (const auto& each : *list) {
    const std::string what = "proposal: actions[" + std::to_string(actions.size()) + "]";
    VITRINE_TRY(auto action, action_from_json(each, what));
    actions.push_back(std::move(action));
  }
  return actions;
}

Result<std::vector<Action>> actions_of(std::string_view document, const Digest* genesis_hash) {
  const auto json = codec::json::parse_object(document);
  if (!json) return in_context("proposal", json.error());
  VITRINE_TRY(auto actions, actions_from_json(*json));
  if (actions.empty()) return malformed("proposal: no actions");
  for (const auto& action : actions) {
    if (!is_action(action.name)) return no_such_action(action.name);
  }
  VITRINE_CHECK(check_members(*json));
  VITRINE_CHECK(check_service(*json, genesis_hash));
  return actions;
}

Status apply_row(const ActionRow& row, Change& change, const Object& args) {
  if (auto status = row.apply(change, args); !status)
    return in_context(std::string(row.name), status.error());
  return {};
}

bool is_app_action(std::string_view name) {
  const auto group = policy_actions();
  return std::any_of(group.begin(), group.end(),
                     [&](const ActionRow& row) { return row.name == name; });
}

Status apply_action(State& state, const Action& action) {
  return apply_all(state, std::vector<Action>{action});
}

Status apply_all(State& state, const std::vector<Action>& actions) {
  State next = state;
  Proceedings proceedings;
  const std::string nobody;
  const Moment unknown;
  Change change{next, proceedings, nobody, unknown};
  for (const auto& action : actions) {
    const auto* row = find_alone(action.name);
    if (row == nullptr) return not_found("unknown action " + quoted(action.name));
    VITRINE_CHECK(apply_row(*row, change, action.args));
  }
  state = std::move(next);
  return {};
}

std::string app_proposal_id(const Action& action) {
  return to_hex(crypto::sha256(as_bytes(codec::json::write(action.args))));
}

}  // namespace vitrine::governance
