// The public part of key_released.
#include "ledger/entry_members.h"

namespace vitrine::ledger {

using codec::cbor::Value;

namespace {

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
  return Value::map({{Value::uint(1), Value::text(entry.kid)},
                     {Value::uint(2), Value::bytes(entry.governance)},
                     {Value::uint(3), Value::text(entry.profile)},
                     {Value::uint(4), to_cbor(entry.claims)},
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
  VITRINE_TRY(entry.claims, read_claims(*claims, "key_released: member 4 (claims)"));
  VITRINE_TRY(entry.freshness, word(members, 5, "freshness", {"none", "age", "nonce"}));
  VITRINE_TRY(entry.wrapping_key, members.digest(6, "wrapping key hash"));
  VITRINE_TRY(entry.caller, members.digest(7, "caller hash"));
  VITRINE_TRY(entry.format, word(members, 8, "format", {"jwk", "tink"}));
  VITRINE_CHECK(members.finish());
  return entry;
}

}  // namespace vitrine::ledger
