#include "cli/proposal_document.h"

#include <algorithm>

#include "cli/input.h"
#include "client/governance/difference.h"

namespace vitrine::cli {
namespace {

using codec::json::Object;
using codec::json::Value;

Value text_or_json(const std::string& text) {
  auto parsed = codec::json::parse(text);
  if (!parsed || parsed->is_double()) return Value(text);
  return *std::move(parsed);
}

Result<Value> value_in_file(const std::string& path) {
  VITRINE_TRY(auto text, read_text(path));
  auto parsed = codec::json::parse(text);
  if (parsed && (parsed->is_object() || parsed->is_array())) return *std::move(parsed);
  return Value(text);
}

Status add_argument(Object& args, const std::string& argument) {
  if (argument.starts_with('@')) {
    VITRINE_TRY(const auto all, read_json(argument.substr(1)));
    for (const auto& [name, value] : all) args[name] = value;
    return {};
  }
  const auto equals = argument.find('=');
  if (equals == 0 || equals == std::string::npos) {
    return malformed("--arg " + argument + ": it is not name=value, name=@FILE or @FILE");
  }
  const std::string name = argument.substr(0, equals);
  const std::string value = argument.substr(equals + 1);
  if (!value.starts_with('@')) {
    args[name] = text_or_json(value);
    return {};
  }
  VITRINE_TRY(args[name], value_in_file(value.substr(1)));
  return {};
}

}  // namespace

Result<Object> document_of(const std::string& action, const std::vector<std::string>& arguments) {
  Object args;
  for (const auto& argument : arguments) VITRINE_CHECK(add_argument(args, argument));
  Object one{{"name", action}, {"args", std::move(args)}};
  return Object{{"actions", codec::json::Array{std::move(one)}}};
}

Result<std::string> action_names(const Object& document) {
  const auto* actions = codec::json::array_of(document, "actions");
  if (actions == nullptr) {
    return malformed("it has no list \"actions\"",
                     R"(it looks like {"actions":[{"name":"set_member","args":{…}}]})");
  }
  std::string names;
  for (const auto& action : *actions) {
    const auto* object = action.if_object();
    const auto name = object == nullptr ? std::nullopt : codec::json::text_of(*object, "name");
    if (!name) return malformed("an action has no text \"name\"");
    names += (names.empty() ? "" : ", ") + client::shown(*name);
  }
  return names.empty() ? "no actions" : names;
}

Status name_service(Object& document, const std::string& genesis_hash) {
  const Value* named = codec::json::find(document, "service");
  if (named == nullptr) {
    document["service"] = genesis_hash;
    return {};
  }
  if (*named == Value(genesis_hash)) return {};
  return conflict(
      "it is for service " + client::shown(*named) + ", and this one is " + genesis_hash,
      "leave \"service\" out to name the one that is asked");
}

}  // namespace vitrine::cli
