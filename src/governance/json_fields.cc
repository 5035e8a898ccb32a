#include "governance/json_fields.h"

#include <algorithm>

#include "base/hex.h"
#include "policy/nearest.h"

namespace vitrine::governance {

using codec::json::Object;

namespace {
std::string member_of(std::string_view what, std::string_view name) {
  return std::string(what) + ": " + std::string(name);
}
}  // namespace

std::string quoted(std::string_view name) { return '"' + std::string(name.substr(0, 128)) + '"'; }

Status check_known(std::string_view what, const Object& object,
                   std::span<const std::string_view> known) {
  for (const auto& member : object) {
    const auto name = key_of(member);
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    const auto near = policy::nearest(name, known);
    return malformed(std::string(what) + ": unknown member " + quoted(name),
                     near.empty() ? "" : "did you mean " + quoted(near) + "?");
  }
  return {};
}

Status read_bool(std::string_view what, const Object& object, std::string_view name, bool& to) {
  if (codec::json::find(object, name) == nullptr) return {};
  const auto value = codec::json::bool_of(object, name);
  if (!value) return malformed(member_of(what, name) + " is neither true nor false");
  to = *value;
  return {};
}

Status read_integer(std::string_view what, const Object& object, std::string_view name,
                    std::int64_t low, std::int64_t high, std::int64_t& to) {
  if (codec::json::find(object, name) == nullptr) return {};
  const auto value = codec::json::integer_of(object, name);
  if (!value || *value < low || *value > high) {
    return malformed(member_of(what, name) + " is not an integer from " + std::to_string(low) +
                     " to " + std::to_string(high));
  }
  to = *value;
  return {};
}

Result<std::string> required_text(std::string_view what, const Object& object,
                                  std::string_view name) {
  const auto text = codec::json::text_of(object, name);
  if (!text) return malformed(member_of(what, name) + " is not text");
  return std::string(*text);
}

Result<Digest> required_digest(std::string_view what, const Object& object, std::string_view name) {
  VITRINE_TRY(const auto text, required_text(what, object, name));
  const auto digest = digest_from_hex(text);
  if (!digest) return malformed(member_of(what, name) + " is not 64 hex digits");
  return *digest;
}

Result<std::vector<std::string>> names_from(std::string_view what,
                                            const codec::json::Value& value) {
  const auto* list = value.if_array();
  if (list == nullptr) return malformed(std::string(what) + " is not a list of names");
  std::vector<std::string> names;
  for (const auto& each : *list) {
    const auto* text = each.if_string();
    if (text == nullptr || text->empty()) {
      return malformed(std::string(what) + ": a name is not text");
    }
    names.emplace_back(codec::json::text_view(*text));
    if (std::find(names.begin(), names.end() - 1, names.back()) != names.end() - 1) {
      return malformed(std::string(what) + ": " + quoted(names.back()) + " stands twice");
    }
  }
  return names;
}

}  // namespace vitrine::governance
