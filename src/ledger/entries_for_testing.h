// Ways to alter the public part of an entry, and what must hold for every kind.
#pragma once

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "codec/cbor.h"
#include "ledger/entries.h"

namespace vitrine::ledger::for_testing {

using codec::cbor::Value;

// Through the bytes, as a leaf carries it.
inline Value through_bytes(const Value& value) {
  return *codec::cbor::decode(codec::cbor::encode(value), codec::cbor::Strictness::deterministic);
}

inline Value altered(const Value& map, std::uint64_t key, std::optional<Value> value) {
  std::vector<Value::Entry> members;
  for (const auto& entry : map.entries()) {
    if (entry.first.as_uint() != key) members.push_back(entry);
  }
  if (value) members.emplace_back(Value::uint(key), *value);
  return Value::map(std::move(members));
}

template <class Decode>
std::string refusal(Decode decode, const Value& value) {
  const auto decoded = decode(value);
  if (decoded) return "accepted";
  EXPECT_EQ(decoded.error().code, Code::malformed);
  return decoded.error().message;
}

// What holds for every kind: reads back, and refuses a missing member, an unknown one, another
// type.
template <class Entry, class Decode>
void check_strictness(const Entry& entry, Decode decode, std::string_view kind) {
  const Value value = through_bytes(encode(entry));
  const auto decoded = decode(value);
  ASSERT_TRUE(decoded) << decoded.error().message;
  EXPECT_TRUE(*decoded == entry);
  EXPECT_EQ(codec::cbor::encode(encode(*decoded)), codec::cbor::encode(value));

  for (const auto& member : value.entries()) {
    const auto key = member.first.as_uint();
    const std::string prefix = std::string(kind) + ": member " + std::to_string(key) + " (";
    EXPECT_EQ(refusal(decode, altered(value, key, std::nullopt)).find(prefix), 0U) << key;
    EXPECT_EQ(refusal(decode, altered(value, key, Value())).find(std::string(kind)), 0U) << key;
  }
  EXPECT_NE(refusal(decode, altered(value, 99, Value::uint(1))).find("members where"),
            std::string::npos);
  EXPECT_EQ(refusal(decode, Value::array({})), std::string(kind) + ": not a map");
}

}  // namespace vitrine::ledger::for_testing
