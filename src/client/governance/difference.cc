#include "client/governance/difference.h"

#include <set>

#include "base/text.h"

namespace vitrine::client {
namespace {

using codec::json::Array;
using codec::json::Object;
using codec::json::Value;

constexpr std::size_t kShownBytesMax = 200;

std::string joined(std::string_view path, std::string_view name) {
  return path.empty() ? shown(name) : std::string(path) + "." + shown(name);
}

std::string named(std::string_view path, std::string text) {
  return path.empty() ? std::move(text) : std::string(path) + ": " + std::move(text);
}

std::set<std::string> written(const Array& values) {
  std::set<std::string> texts;
  for (const auto& value : values) texts.insert(codec::json::write(value));
  return texts;
}

void add_others(char sign, std::string_view path, const Array& values, const Array& than,
                Lines& lines) {
  const auto others = written(than);
  for (const auto& value : values) {
    if (others.count(codec::json::write(value)) == 0) {
      lines.push_back({sign, named(path, shown(value))});
    }
  }
}

void compare(std::string_view path, const Value& before, const Value& after, Lines& lines);

void compare_objects(std::string_view path, const Object& before, const Object& after,
                     Lines& lines) {
  for (const auto& [name, value] : before) {
    const Value* now = codec::json::find(after, name);
    compare(joined(path, name), value, now == nullptr ? Value() : *now, lines);
  }
  for (const auto& [name, value] : after) {
    if (codec::json::find(before, name) == nullptr) compare(joined(path, name), {}, value, lines);
  }
}

void compare_arrays(std::string_view path, const Array& before, const Array& after, Lines& lines) {
  add_others('-', path, before, after, lines);
  add_others('+', path, after, before, lines);
}

void compare(std::string_view path, const Value& before, const Value& after, Lines& lines) {
  if (before == after) return;
  // Where one side is missing, an object or array of the other is told member by member.
  const Object no_members;
  const Array no_values;
  const auto* object_before = before.is_null() ? &no_members : before.if_object();
  const auto* object_after = after.is_null() ? &no_members : after.if_object();
  const bool empty_object = (before.is_object() && before.get_object().empty()) ||
                            (after.is_object() && after.get_object().empty());
  if (object_before != nullptr && object_after != nullptr &&
      !(empty_object && (before.is_null() || after.is_null()))) {
    return compare_objects(path, *object_before, *object_after, lines);
  }
  const auto* array_before = before.is_null() ? &no_values : before.if_array();
  const auto* array_after = after.is_null() ? &no_values : after.if_array();
  if (array_before != nullptr && array_after != nullptr &&
      !(array_before->empty() && array_after->empty())) {
    return compare_arrays(path, *array_before, *array_after, lines);
  }
  if (before.is_null()) {
    lines.push_back({'+', named(path, shown(after))});
  } else if (after.is_null()) {
    lines.push_back({'-', named(path, shown(before))});
  } else {
    lines.push_back({'~', named(path, shown(before) + " -> " + shown(after))});
  }
}

}  // namespace

std::string shown(std::string_view text) {
  std::string line = printable_ascii(text, kShownBytesMax);
  if (text.size() > kShownBytesMax) line += "...";
  return line;
}

std::string shown(const Value& value) {
  if (value.is_string()) return shown(codec::json::text_view(value.get_string()));
  return shown(codec::json::write(value));
}

Lines difference(std::string_view path, const Value& before, const Value& after) {
  Lines lines;
  compare(path, before, after, lines);
  return lines;
}

}  // namespace vitrine::client
