// Reading JSON objects member by member with errors that name the member; used by settings and
// state.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/json.h"

namespace vitrine::governance {

inline std::string_view key_of(const boost::json::key_value_pair& member) {
  return {member.key().data(), member.key().size()};
}
// A name from outside in quotes, cut to what a message can hold.
std::string quoted(std::string_view name);

// malformed: a member of `object` is not one of `known`, with the nearest known name as a hint.
Status check_known(std::string_view what, const codec::json::Object& object,
                   std::span<const std::string_view> known);
// Where the member is present, stores its value; malformed: it has another type.
Status read_bool(std::string_view what, const codec::json::Object& object, std::string_view name,
                 bool& to);
// The same for an integer from `low` to `high`.
Status read_integer(std::string_view what, const codec::json::Object& object, std::string_view name,
                    std::int64_t low, std::int64_t high, std::int64_t& to);
// The member has to be there.
Result<std::string> required_text(std::string_view what, const codec::json::Object& object,
                                  std::string_view name);
Result<Digest> required_digest(std::string_view what, const codec::json::Object& object,
                               std::string_view name);
// A list of text, none empty, none twice.
Result<std::vector<std::string>> names_from(std::string_view what, const codec::json::Value& value);

}  // namespace vitrine::governance
