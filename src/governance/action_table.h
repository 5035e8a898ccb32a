// The tables of actions, one for each group; used by actions*.cc.
#pragma once

#include <span>
#include <string_view>

#include "codec/cbor.h"
#include "codec/json.h"
#include "governance/actions.h"

namespace vitrine::governance {

struct ActionRow {
  std::string_view name;
  // May leave a half-changed state behind an error: callers give it a copy.
  Status (*apply)(Change& change, const codec::json::Object& args);
  // What stands where the action will write; null where that does not matter.
  codec::cbor::Value (*target)(const State& state, const codec::json::Object& args) = nullptr;
  // Whether whoever voted on another proposal trusted somebody else than it leaves trusted.
  bool trust = false;
};

std::span<const ActionRow> policy_actions();
std::span<const ActionRow> issuer_actions();
std::span<const ActionRow> member_actions();
std::span<const ActionRow> trust_actions();
std::span<const ActionRow> node_actions();
std::span<const ActionRow> service_actions();
std::span<const ActionRow> tolerated_actions();

// nullptr: no such action.
const ActionRow* find_action(std::string_view name);
tl::unexpected<Error> no_such_action(std::string_view name);
// As the row says, with the action's name before an error.
Status apply_row(const ActionRow& row, Change& change, const codec::json::Object& args);

}  // namespace vitrine::governance
