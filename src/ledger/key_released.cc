// The public part of key_released, whose matched claims are a map of several types.
#include <fmt/format.h>

#include "ledger/entries.h"
#include "ledger/members.h"

namespace vitrine::ledger {

using codec::cbor::Type;
using codec::cbor::Value;

namespace {

constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kClaimsMax = 128;

using ClaimValue = MatchedClaims::mapped_type;

Value encode_claim(const ClaimValue& claim) {
  if (const auto* value = std::get_if<bool>(&claim)) return Value::boolean(*value);
  if (const auto* value = std::get_if<std::int64_t>(&claim)) return Value::integer(*value);
  if (const auto* value = std::get_if<std::string>(&claim)) return Value::text(*value);
  std::vector<Value> items;
  for (const auto& item : std::get<std::vector<std::string>>(claim)) {
    items.push_back(Value::text(item));
  }
  return Value::array(std::move(items));
}

Result<ClaimValue> decode_claim(const Value& value, std::string_view name) {
  switch (value.type()) {
    case Type::boolean:
      return ClaimValue(value.as_bool());
    case Type::unsigned_int:
    case Type::negative_int: {
      VITRINE_TRY(const auto number, value.to_integer());
      return ClaimValue(number);
    }
    case Type::text_string:
      return ClaimValue(value.as_text());
    case Type::array: {
      std::vector<std::string> texts;
      for (const Value& item : value.items()) {
        if (!item.is(Type::text_string)) break;
        texts.push_back(item.as_text());
      }
      if (texts.size() == value.items().size()) return ClaimValue(std::move(texts));
      break;
    }
    default:
      break;
  }
  return malformed(fmt::format(
      "key_released: claim {} is not true or false, a whole number, text or an array of texts",
      name));
}

Result<MatchedClaims> decode_claims(const Value& value) {
  if (!value.is(Type::map) || value.entries().size() > kClaimsMax) {
    return malformed(
        fmt::format("key_released: member 4 (claims) is not a map of at most {}", kClaimsMax));
  }
  MatchedClaims claims;
  for (const auto& [name, claim] : value.entries()) {
    if (!name.is(Type::text_string) || name.as_text().empty() ||
        name.as_text().size() > kNameBytesMax) {
      return malformed(fmt::format(
          "key_released: member 4 (claims) has a name that is not text of 1 to {} bytes",
          kNameBytesMax));
    }
    VITRINE_TRY(auto decoded, decode_claim(claim, name.as_text()));
    claims.emplace(name.as_text(), std::move(decoded));
  }
  return claims;
}

// A word of a closed list.
Result<std::string> word(Members& members, std::int64_t key, std::string_view name,
                         std::initializer_list<std::string_view> known) {
  VITRINE_TRY(auto text, members.text(key, name, kNameBytesMax));
  for (const std::string_view candidate : known) {
    if (text == candidate) return text;
  }
  return members.bad(key, name, "is not a known word");
}

}  // namespace

Value encode(const KeyReleased& entry) {
  std::vector<Value::Entry> claims;
  claims.reserve(entry.claims.size());
  for (const auto& [name, value] : entry.claims) {
    claims.emplace_back(Value::text(name), encode_claim(value));
  }
  return Value::map({{Value::uint(1), Value::text(entry.kid)},
                     {Value::uint(2), Value::bytes(entry.governance)},
                     {Value::uint(3), Value::text(entry.profile)},
                     {Value::uint(4), Value::map(std::move(claims))},
                     {Value::uint(5), Value::text(entry.freshness)},
                     {Value::uint(6), Value::bytes(entry.wrapping_key)},
                     {Value::uint(7), Value::bytes(entry.caller)},
                     {Value::uint(8), Value::text(entry.format)}});
}

Result<KeyReleased> decode_key_released(const Value& public_part) {
  Members members(public_part, "key_released");
  KeyReleased entry;
  VITRINE_TRY(entry.kid, members.text(1, "kid", kNameBytesMax));
  VITRINE_TRY(entry.governance, members.digest(2, "governance digest"));
  VITRINE_TRY(entry.profile, members.text(3, "profile", kNameBytesMax));
  VITRINE_TRY(const auto* claims, members.required(4, "claims"));
  VITRINE_TRY(entry.claims, decode_claims(*claims));
  VITRINE_TRY(entry.freshness, word(members, 5, "freshness", {"none", "age", "nonce"}));
  VITRINE_TRY(entry.wrapping_key, members.digest(6, "wrapping key hash"));
  VITRINE_TRY(entry.caller, members.digest(7, "caller hash"));
  VITRINE_TRY(entry.format, word(members, 8, "format", {"jwk", "tink"}));
  VITRINE_CHECK(members.finish());
  return entry;
}

}  // namespace vitrine::ledger
