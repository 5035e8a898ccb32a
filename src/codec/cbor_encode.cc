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

// Bytewise order of the keys' encodings (RFC 8949 4.2.1). Shortest heads put the smaller number
// first, and the shorter text.
bool stands_before(const Value& a, const Value& b) {
  if (a.is(Type::unsigned_int) && b.is(Type::unsigned_int)) return a.as_uint() < b.as_uint();
  if (a.is(Type::text_string) && b.is(Type::text_string)) {
    if (a.as_text().size() != b.as_text().size()) return a.as_text().size() < b.as_text().size();
    return a.as_text() < b.as_text();
  }
  return encode(a) < encode(b);
}

void append_map(Bytes& out, const std::vector<Value::Entry>& entries) {
  const auto by_key = [](const Value::Entry* a, const Value::Entry* b) {
    return stands_before(a->first, b->first);
  };
  std::vector<const Value::Entry*> sorted;
  sorted.reserve(entries.size());
  for (const Value::Entry& entry : entries) sorted.push_back(&entry);
  std::sort(sorted.begin(), sorted.end(), by_key);
  append_head(out, kMap, entries.size());
  const Value* before = nullptr;
  for (const Value::Entry* entry : sorted) {
    VITRINE_ASSERT(before == nullptr || stands_before(*before, entry->first));
    before = &entry->first;
    append_value(out, entry->first);
    append_value(out, entry->second);
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

Writer& Writer::map(std::uint64_t entries) {
  append_head(out_, kMap, entries);
  return *this;
}

Writer& Writer::array(std::uint64_t items) {
  append_head(out_, kArray, items);
  return *this;
}

Writer& Writer::uint(std::uint64_t value) {
  append_head(out_, kUnsigned, value);
  return *this;
}

Writer& Writer::bytes(ByteView bytes) {
  append_head(out_, kBytes, bytes.size());
  append(out_, bytes);
  return *this;
}

Writer& Writer::value(const Value& value) {
  append_value(out_, value);
  return *this;
}

Writer& Writer::encoded(ByteView item) {
  append(out_, item);
  return *this;
}

Bytes encode(const Value& value) {
  Bytes out;
  append_value(out, value);
  return out;
}

}  // namespace vitrine::codec::cbor
