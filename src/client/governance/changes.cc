#include "client/governance/changes.h"

#include "client/governance/tellers.h"

namespace vitrine::client {
namespace {

using codec::json::Object;
using codec::json::Value;

Teller teller_of(std::string_view action) {
  for (const auto table : {policy_tellers(), people_tellers(), service_tellers()}) {
    for (const auto& row : table) {
      if (row.action == action) return row.tell;
    }
  }
  return nullptr;
}

// An action we know no words for is shown whole.
Lines told_whole(const Object& args) { return difference("", Object(), args); }

Result<ActionChanges> changes_of_action(const Value& item, const Current& current) {
  const auto* action = item.if_object();
  if (action == nullptr) return malformed("proposal: an action is not an object");
  const auto name = codec::json::text_of(*action, "name");
  if (!name) return malformed("proposal: an action has no text \"name\"");
  const Object* args = codec::json::object_of(*action, "args");
  static const Object kNone;
  if (args == nullptr) args = &kNone;
  const Teller tell = teller_of(*name);
  ActionChanges changes{shown(*name), tell == nullptr ? told_whole(*args) : tell(*args, current)};
  if (changes.lines.empty()) changes.lines.push_back({' ', "changes nothing"});
  return changes;
}

}  // namespace

Result<std::vector<ActionChanges>> changes_of(const Object& document, const Current& current) {
  const auto* actions = codec::json::array_of(document, "actions");
  if (actions == nullptr) {
    return malformed("proposal: it has no list \"actions\"",
                     R"(it looks like {"actions":[{"name":"set_member","args":{...}}]})");
  }
  std::vector<ActionChanges> all;
  for (const auto& action : *actions) {
    VITRINE_TRY(auto changes, changes_of_action(action, current));
    all.push_back(std::move(changes));
  }
  return all;
}

std::string to_text(const std::vector<ActionChanges>& changes) {
  std::string text;
  for (const auto& action : changes) {
    text += action.action + "\n";
    for (const auto& line : action.lines) {
      text += "  ";
      text += line.sign;
      text += " " + line.text + "\n";
    }
  }
  return text;
}

codec::json::Array to_json(const std::vector<ActionChanges>& changes) {
  codec::json::Array list;
  for (const auto& action : changes) {
    codec::json::Array lines;
    for (const auto& line : action.lines) {
      lines.push_back(Object{{"sign", std::string(1, line.sign)}, {"text", line.text}});
    }
    list.push_back(Object{{"action", action.action}, {"lines", std::move(lines)}});
  }
  return list;
}

}  // namespace vitrine::client
