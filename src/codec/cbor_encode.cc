#include <algorithm>

#include "base/assert.h"
#include "codec/cbor.h"

namespace vitrine::codec::cbor {

namespace {

// Major types (RFC 8949 3.1), in place.
constexpr Byte kUnsigned = 0x00, kNegative = 0x20, kBytes = 0x40, kText = 0x60, kArray = 0x80,
               kMap = 0xa0, kTag = 0xc0, kFalse = 0xf4, kTrue = 0xf5, kNull = 0xf6;

void append_head(Bytes& out, Byte major, std::uint64_t argument) {
  if (argument < 24) {
    out.push_back(static_cast<Byte>(major | argument));
    return;
  }
  const unsigned log_size = argument <= 0xff         ? 0
                            : argument <= 0xffff     ? 1
                            : argument <= 0xffffffff ? 2
                                                     : 3;
  out.push_back(static_cast<Byte>(major | (24 + log_size)));
  for (unsigned byte = 1U << log_size; byte-- > 0;) {
    out.push_back(static_cast<Byte>(argument >> (8 * byte)));
  }
}

void append_value(Bytes& out, const Value& value);

void append_map(Bytes& out, const std::vector<Value::Entry>& entries) {
  std::vector<std::pair<Bytes, const Value*>> sorted;
  sorted.reserve(entries.size());
  for (const auto& [key, value] : entries) sorted.emplace_back(encode(key), &value);
  const auto by_key = [](const auto& a, const auto& b) { return a.first < b.first; };
  std::sort(sorted.begin(), sorted.end(), by_key);
  append_head(out, kMap, entries.size());
  const Bytes* before = nullptr;
  for (const auto& [key, value] : sorted) {
    VITRINE_ASSERT(before == nullptr || *before != key);
    before = &key;
    append(out, key);
    append_value(out, *value);
  }
}

void append_value(Bytes& out, const Value& value) {
  switch (value.type()) {
    case Type::unsigned_int:
      append_head(out, kUnsigned, value.argument());
      break;
    case Type::negative_int:
      append_head(out, kNegative, value.argument());
      break;
    case Type::byte_string:
      append_head(out, kBytes, value.as_bytes().size());
      append(out, value.as_bytes());
      break;
    case Type::text_string:
      append_head(out, kText, value.as_text().size());
      append(out, vitrine::as_bytes(value.as_text()));
      break;
    case Type::array:
      append_head(out, kArray, value.items().size());
      for (const Value& item : value.items()) append_value(out, item);
      break;
    case Type::map:
      append_map(out, value.entries());
      break;
    case Type::tag:
      append_head(out, kTag, value.tag_number());
      append_value(out, value.tagged());
      break;
    case Type::boolean:
      out.push_back(value.as_bool() ? kTrue : kFalse);
      break;
    case Type::null:
      out.push_back(kNull);
      break;
  }
}

}  // namespace

Bytes encode(const Value& value) {
  Bytes out;
  append_value(out, value);
  return out;
}

}  // namespace vitrine::codec::cbor
