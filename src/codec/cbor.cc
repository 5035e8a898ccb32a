#include "codec/cbor.h"

#include <algorithm>
#include <limits>

#include "base/assert.h"

namespace vitrine::codec::cbor {

namespace {

constexpr std::uint64_t kInt64Max = std::numeric_limits<std::int64_t>::max();

}  // namespace

Value::Value() = default;

Value Value::uint(std::uint64_t value) {
  Value made;
  made.type_ = Type::unsigned_int;
  made.number_ = value;
  return made;
}

Value Value::integer(std::int64_t value) {
  if (value >= 0) return uint(static_cast<std::uint64_t>(value));
  Value made;
  made.type_ = Type::negative_int;
  made.number_ = static_cast<std::uint64_t>(-1 - value);
  return made;
}

Value Value::bytes(ByteView bytes) {
  Value made;
  made.type_ = Type::byte_string;
  made.bytes_ = vitrine::to_bytes(bytes);
  return made;
}

Value Value::text(std::string_view text) {
  Value made;
  made.type_ = Type::text_string;
  made.text_ = text;
  return made;
}

Value Value::array(std::vector<Value> items) {
  Value made;
  made.type_ = Type::array;
  made.items_ = std::move(items);
  return made;
}

Value Value::map(std::vector<Entry> entries) {
  Value made;
  made.type_ = Type::map;
  made.entries_ = std::move(entries);
  return made;
}

Value Value::tag(std::uint64_t number, Value inner) {
  Value made;
  made.type_ = Type::tag;
  made.number_ = number;
  made.items_.push_back(std::move(inner));
  return made;
}

Value Value::boolean(bool value) {
  Value made;
  made.type_ = Type::boolean;
  made.number_ = value ? 1 : 0;
  return made;
}

std::uint64_t Value::as_uint() const {
  VITRINE_ASSERT(is(Type::unsigned_int));
  return number_;
}
const Bytes& Value::as_bytes() const {
  VITRINE_ASSERT(is(Type::byte_string));
  return bytes_;
}
const std::string& Value::as_text() const {
  VITRINE_ASSERT(is(Type::text_string));
  return text_;
}
const std::vector<Value>& Value::items() const {
  VITRINE_ASSERT(is(Type::array));
  return items_;
}
const std::vector<Value::Entry>& Value::entries() const {
  VITRINE_ASSERT(is(Type::map));
  return entries_;
}
std::uint64_t Value::tag_number() const {
  VITRINE_ASSERT(is(Type::tag));
  return number_;
}
const Value& Value::tagged() const {
  VITRINE_ASSERT(is(Type::tag));
  return items_.front();
}
bool Value::as_bool() const {
  VITRINE_ASSERT(is(Type::boolean));
  return number_ != 0;
}

std::uint64_t Value::argument() const {
  VITRINE_ASSERT(is(Type::unsigned_int) || is(Type::negative_int));
  return number_;
}

Result<std::uint64_t> Value::to_uint() const {
  if (!is(Type::unsigned_int)) return malformed("CBOR: not an unsigned integer");
  return number_;
}

Result<std::int64_t> Value::to_integer() const {
  if (!is(Type::unsigned_int) && !is(Type::negative_int)) return malformed("CBOR: not an integer");
  if (number_ > kInt64Max) return malformed("CBOR: an integer beyond 64 bits with sign");
  const auto number = static_cast<std::int64_t>(number_);
  return is(Type::negative_int) ? -1 - number : number;
}

Result<ByteView> Value::to_bytes() const {
  if (!is(Type::byte_string)) return malformed("CBOR: not a byte string");
  return ByteView(bytes_);
}

Result<std::string_view> Value::to_text() const {
  if (!is(Type::text_string)) return malformed("CBOR: not a text string");
  return std::string_view(text_);
}

Result<Digest> Value::to_digest() const {
  Digest digest;
  if (!is(Type::byte_string) || bytes_.size() != digest.bytes.size()) {
    return malformed("CBOR: not a byte string of 32");
  }
  std::copy(bytes_.begin(), bytes_.end(), digest.bytes.begin());
  return digest;
}

const Value* Value::find(std::int64_t key) const {
  const Value wanted = integer(key);
  for (const auto& [name, value] : entries_) {
    if (name.type_ == wanted.type_ && name.number_ == wanted.number_) return &value;
  }
  return nullptr;
}

const Value* Value::find(std::string_view key) const {
  for (const auto& [name, value] : entries_) {
    if (name.is(Type::text_string) && name.text_ == key) return &value;
  }
  return nullptr;
}

}  // namespace vitrine::codec::cbor
