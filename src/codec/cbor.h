// CBOR (RFC 8949). The writer emits deterministic encoding (4.2.1) by construction; the reader
// accepts exactly that, or, where a foreign signer's payload needs it, any well-formed encoding
// without duplicate keys or trailing bytes. Of major type 7 only false, true and null are in use.
// Decoding is bounded in depth (arrays, maps and tags count) and in items (limits.h), and allocates
// for bytes that are there, never by a length that the input claims.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/result.h"

namespace vitrine::codec::cbor {

enum class Type {
  unsigned_int,
  negative_int,
  byte_string,
  text_string,
  array,
  map,
  tag,
  boolean,
  null
};

// A decoded or to-be-encoded item. Map entries keep the order they had on the wire; encode() sorts
// them.
class Value {
 public:
  using Entry = std::pair<Value, Value>;

  Value();  // null
  static Value uint(std::uint64_t value);
  static Value integer(std::int64_t value);  // negative or not
  static Value bytes(ByteView bytes);
  static Value text(std::string_view text);
  static Value array(std::vector<Value> items);
  static Value map(std::vector<Entry> entries);
  static Value tag(std::uint64_t number, Value inner);
  static Value boolean(bool value);

  Type type() const { return type_; }
  bool is(Type type) const { return type_ == type; }
  // Precondition of each: the type fits (asserted).
  std::uint64_t as_uint() const;
  const Bytes& as_bytes() const;
  const std::string& as_text() const;
  const std::vector<Value>& items() const;
  const std::vector<Entry>& entries() const;
  std::uint64_t tag_number() const;
  const Value& tagged() const;
  bool as_bool() const;
  // The argument of an integer's head (RFC 8949 3.1): n, or -1 - n of a negative one.
  std::uint64_t argument() const;
  // malformed where the type is another or the value does not fit.
  Result<std::uint64_t> to_uint() const;
  Result<std::int64_t> to_integer() const;
  Result<ByteView> to_bytes() const;
  Result<std::string_view> to_text() const;
  Result<Digest> to_digest() const;  // a byte string of 32

  // The value under an integer or text key of a map; nullptr if absent or not a map.
  const Value* find(std::int64_t key) const;
  const Value* find(std::string_view key) const;

 private:
  friend class Decoder;
  Type type_ = Type::null;
  std::uint64_t number_ = 0;  // unsigned value, -1 - n of a negative, tag number, or boolean
  Bytes bytes_;
  std::string text_;
  std::vector<Value> items_;  // array, or the one tagged item
  std::vector<Entry> entries_;
};

// Deterministic encoding: shortest heads, definite lengths, map keys in bytewise order of their
// encodings. Asserts that no map has equal keys.
Bytes encode(const Value& value);

// Writes items one after the other, for an encoding that is made often. That counts are kept and
// that a map's keys come in order, once each, is the caller's affair.
class Writer {
 public:
  explicit Writer(std::size_t reserve) { out_.reserve(reserve); }
  Writer& map(std::uint64_t entries);
  Writer& array(std::uint64_t items);
  Writer& uint(std::uint64_t value);
  Writer& bytes(ByteView bytes);
  Writer& value(const Value& value);
  Writer& encoded(ByteView item);  // one item, as encode() gave it
  Bytes take() { return std::move(out_); }

 private:
  Bytes out_;
};

enum class Strictness {
  deterministic,  // exactly what encode() emits
  definite,       // as foreign, without indefinite lengths
  foreign,  // indefinite lengths and long heads allowed; duplicate keys, floats, trailing bytes
            // refused
};
Result<Value> decode(ByteView bytes, Strictness strictness,
                     std::size_t depth_max = limits::kCborDepthMax);

}  // namespace vitrine::codec::cbor
