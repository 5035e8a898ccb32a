// The table, its presets and its JSON. What it says of a proposal: resolve.cc.
#include "governance/constitution.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/text.h"
#include "governance/actions.h"
#include "governance/json_fields.h"

namespace vitrine::governance {
namespace {

using codec::json::Object;

constexpr std::size_t kRolesMax = 16, kRoleBytesMax = 128;

// What operators may do alone under the preset "operator": it moves no trust. A node that was not
// attested under the join policy gets no secrets, whoever called it trusted.
constexpr std::string_view kOperatorsActions[] = {
    "transition_node_to_trusted",       "remove_node",
    "set_node_certificate_validity",    "set_all_nodes_certificate_validity",
    "set_service_certificate_validity",
};

tl::unexpected<Error> bad_approve(const std::string& what) {
  return malformed(what + R"(: approve is not "majority", "all", "proposal" or a fraction such )"
                          R"(as "2/3" of at most 1, with a denominator of at most 1000)");
}

Status read_approve(const std::string& what, const Object& json, Rule& rule) {
  if (codec::json::find(json, "approve") == nullptr) return {};
  const auto text = codec::json::text_of(json, "approve");
  if (!text) return bad_approve(what);
  if (*text == "majority") return {};
  if (*text == "all" || *text == "proposal") {
    rule.approve = *text == "all" ? Rule::Approve::all : Rule::Approve::proposal;
    return {};
  }
  const auto parts = split(*text, '/');
  if (parts.size() != 2) return bad_approve(what);
  const auto numerator = parse_decimal(parts[0]), denominator = parse_decimal(parts[1]);
  if (!numerator || !denominator || *numerator == 0 || *numerator > *denominator ||
      *denominator > kDenominatorMax) {
    return bad_approve(what);
  }
  rule.approve = Rule::Approve::fraction;
  rule.numerator = static_cast<std::uint32_t>(*numerator);
  rule.denominator = static_cast<std::uint32_t>(*denominator);
  return {};
}

Status read_roles(const std::string& what, const Object& json, Rule& rule) {
  const auto* roles = codec::json::find(json, "roles");
  if (roles == nullptr) return {};
  VITRINE_TRY(rule.roles, names_from(what + ": roles", *roles));
  if (rule.roles.size() > kRolesMax) {
    return malformed(fmt::format("{}: over {} roles", what, kRolesMax));
  }
  for (const auto& role : rule.roles) {
    if (role.size() > kRoleBytesMax) {
      return malformed(fmt::format("{}: a role has over {} bytes", what, kRoleBytesMax));
    }
  }
  return {};
}

Result<Rule> read_rule(const std::string& what, const codec::json::Value& value) {
  constexpr std::array<std::string_view, 5> kKnown = {"approve", "roles", "veto", "wait_seconds",
                                                      "operator_alone"};
  const auto* json = value.if_object();
  if (json == nullptr) return malformed(what + " is no object");
  VITRINE_CHECK(check_known(what, *json, kKnown));
  Rule rule;
  VITRINE_CHECK(read_approve(what, *json, rule));
  VITRINE_CHECK(read_roles(what, *json, rule));
  VITRINE_CHECK(read_bool(what, *json, "veto", rule.veto));
  VITRINE_CHECK(read_bool(what, *json, "operator_alone", rule.operator_alone));
  std::int64_t wait = 0;
  VITRINE_CHECK(read_integer(what, *json, "wait_seconds", 0, kWaitMax.count(), wait));
  rule.wait = std::chrono::seconds(wait);
  return rule;
}

std::string text_of_approve(const Rule& rule) {
  switch (rule.approve) {
    case Rule::Approve::majority:
      return "majority";
    case Rule::Approve::all:
      return "all";
    case Rule::Approve::proposal:
      return "proposal";
    case Rule::Approve::fraction:
      break;
  }
  return fmt::format("{}/{}", rule.numerator, rule.denominator);
}

Object to_json_of(const Rule& rule) {
  Object json;
  json["approve"] = text_of_approve(rule);
  if (!rule.roles.empty()) {
    codec::json::Array roles;
    for (const auto& role : rule.roles) roles.emplace_back(role);
    json["roles"] = std::move(roles);
  }
  if (rule.veto) json["veto"] = true;
  if (rule.wait.count() != 0) json["wait_seconds"] = std::int64_t{rule.wait.count()};
  if (rule.operator_alone) json["operator_alone"] = true;
  return json;
}

}  // namespace

Result<Constitution> Constitution::preset(std::string_view name) {
  Constitution constitution;
  constitution.preset_name_ = std::string(name);
  if (name == "majority") return constitution;
  if (name == "veto") {
    constitution.default_.veto = true;
    return constitution;
  }
  if (name == "sandbox") {
    constitution.default_.approve = Rule::Approve::proposal;
    return constitution;
  }
  if (name == "operator") {
    constitution.operators_vote_ = false;
    for (const auto action : kOperatorsActions) {
      constitution.actions_[std::string(action)].operator_alone = true;
    }
    return constitution;
  }
  return malformed("constitution: no preset is called " + quoted(name),
                   "presets are majority, veto, operator and sandbox");
}

Result<Constitution> Constitution::from_json(const Object& json) {
  if (const auto* named = codec::json::find(json, "preset")) {
    constexpr std::array<std::string_view, 1> kKnown = {"preset"};
    VITRINE_CHECK(check_known("constitution", json, kKnown));
    if (!named->is_string()) return malformed("constitution: preset is not text");
    return preset(codec::json::text_view(named->get_string()));
  }
  constexpr std::array<std::string_view, 3> kKnown = {"default", "actions", "operators_vote"};
  VITRINE_CHECK(check_known("constitution", json, kKnown));
  Constitution constitution;
  constitution.preset_name_.clear();
  const auto* rule = codec::json::find(json, "default");
  if (rule == nullptr) {
    return malformed("constitution: it has neither preset nor default",
                     R"(for a table, "default" is the rule of actions without one of their own)");
  }
  VITRINE_TRY(constitution.default_, read_rule("constitution: default", *rule));
  VITRINE_CHECK(read_bool("constitution", json, "operators_vote", constitution.operators_vote_));
  const auto* actions = codec::json::find(json, "actions");
  if (actions == nullptr) return constitution;
  if (!actions->is_object()) return malformed("constitution: actions is no object");
  for (const auto& member : actions->get_object()) {
    const auto name = key_of(member);
    if (!is_action(name)) return malformed("constitution: " + quoted(name) + ": no such action");
    VITRINE_TRY(constitution.actions_[std::string(name)],
                read_rule("constitution: " + std::string(name), member.value()));
  }
  return constitution;
}

Object Constitution::table() const {
  Object json;
  json["default"] = to_json_of(default_);
  Object actions;
  for (const auto& [name, rule] : actions_) actions[name] = to_json_of(rule);
  json["actions"] = std::move(actions);
  json["operators_vote"] = operators_vote_;
  return json;
}

Object Constitution::to_json() const {
  if (preset_name_.empty()) return table();
  Object json;
  json["preset"] = preset_name_;
  return json;
}

std::string Constitution::to_javascript() const {
  std::string text = "// A table of what a proposal needs to pass; this service runs no scripts.\n";
  if (!preset_name_.empty()) text += "// The preset \"" + preset_name_ + "\".\n";
  return text + "export const constitution = " + codec::json::write_pretty(table()) + ";\n";
}

const Rule& Constitution::rule_of(std::string_view action) const {
  const auto found = actions_.find(action);
  return found == actions_.end() ? default_ : found->second;
}

bool Constitution::is_sandbox() const {
  return default_.approve == Rule::Approve::proposal ||
         rule_of("set_constitution").approve == Rule::Approve::proposal;
}

}  // namespace vitrine::governance
