// Reads the items of a CBOR array of known length one after the other, each of a wanted type.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "codec/cbor.h"

namespace vitrine::codec::cbor {

class Items {
 public:
  // Where `value` is no array of `count` items every read is malformed.
  Items(const Value& value, std::string_view what, std::size_t count)
      : what_(what),
        items_(value.is(Type::array) && value.items().size() == count ? &value.items() : nullptr) {}

  bool next_is(Type type) const { return has_next() && (*items_)[at_].is(type); }
  // null where there is none
  const Value& next() {
    static const Value none;
    return has_next() ? (*items_)[at_++] : none;
  }
  Result<std::uint64_t> uint() { return checked(next().to_uint()); }
  Result<std::int64_t> integer() { return checked(next().to_integer()); }
  Result<ByteView> bytes() { return checked(next().to_bytes()); }
  Result<std::string_view> text() { return checked(next().to_text()); }
  Result<Digest> digest() { return checked(next().to_digest()); }
  template <std::size_t size>
  Result<std::array<Byte, size>> array() {
    VITRINE_TRY(const ByteView read, bytes());
    if (read.size() != size) return refused();
    std::array<Byte, size> out;
    std::copy(read.begin(), read.end(), out.begin());
    return out;
  }

 private:
  bool has_next() const { return items_ != nullptr && at_ < items_->size(); }
  tl::unexpected<Error> refused() const {
    return malformed(std::string(what_) + ": item " + std::to_string(at_) + " is not of its type");
  }
  template <class T>
  Result<T> checked(Result<T> read) const {
    if (!read) return refused();
    return read;
  }

  std::string_view what_;
  const std::vector<Value>* items_;
  std::size_t at_ = 0;
};

}  // namespace vitrine::codec::cbor
