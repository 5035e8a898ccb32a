#include "policy/comparison.h"

#include <charconv>

namespace vitrine::policy {
namespace {

std::optional<std::int64_t> number_of_text(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  // One spelling per number: "03" and "-0" are not what an integer prints as.
  if (std::to_string(number) != text) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::string> text_of_value(const codec::json::Value& value) {
  if (const auto* text = value.if_string()) return std::string(codec::json::text_view(*text));
  if (const auto* number = value.if_int64()) return std::to_string(*number);
  if (const auto* number = value.if_uint64()) return std::to_string(*number);
  if (const auto* truth = value.if_bool()) return *truth ? "true" : "false";
  return std::nullopt;
}

std::optional<std::int64_t> number_of(const codec::json::Value& value) {
  if (const auto* number = value.if_int64()) return *number;
  if (const auto* text = value.if_string()) return number_of_text(codec::json::text_view(*text));
  return std::nullopt;
}

std::optional<std::int64_t> number_of(const attestation::ClaimValue& value) {
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  if (const auto* text = std::get_if<std::string>(&value)) return number_of_text(*text);
  return std::nullopt;
}

bool equals(const codec::json::Value& wanted, const attestation::ClaimValue& found) {
  if (std::holds_alternative<std::vector<std::string>>(found)) return false;
  const auto text = text_of_value(wanted);
  return text && *text == attestation::to_text(found);
}

}  // namespace vitrine::policy
