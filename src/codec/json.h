// JSON (RFC 8259), strictly: UTF-8 checked, no duplicate member at any depth, depth bounded, no
// lone surrogates, nothing after the value. The value type is Boost.JSON's; its objects keep the
// order of their members, also where ECMAScript would move integer-like names to the front. Objects
// have at most limits::kJsonMembersMax members: names that collide in the library's hash table cost
// time in the square of their number.
#pragma once

#include <boost/json/value.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace vitrine::codec::json {

using Value = boost::json::value;
using Object = boost::json::object;
using Array = boost::json::array;

// A number is an int64 (or uint64 above that) only when written as an integer: no fraction, no
// exponent, not "-0"; otherwise it is the nearest double. malformed says where and why.
Result<Value> parse(std::string_view text, std::size_t depth_max = limits::kJsonDepthMax);
// The same, and the value is an object.
Result<Object> parse_object(std::string_view text, std::size_t depth_max = limits::kJsonDepthMax);

// Compact text with the bytes of ECMAScript's JSON.stringify (numbers and escapes as there), except
// that int64 and uint64 are written exactly.
std::string write(const Value& value);
// The same, indented by two spaces, for people.
std::string write_pretty(const Value& value);

// Member access; nullptr / nullopt where the member is absent or of another type.
const Value* find(const Object& object, std::string_view name);
std::optional<std::string_view> text_of(const Object& object, std::string_view name);
std::optional<std::int64_t> integer_of(const Object& object, std::string_view name);
std::optional<bool> bool_of(const Object& object, std::string_view name);
const Object* object_of(const Object& object, std::string_view name);
const Array* array_of(const Object& object, std::string_view name);
std::string_view text_view(const boost::json::string& text);

}  // namespace vitrine::codec::json
