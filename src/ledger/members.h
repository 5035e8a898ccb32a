// Reads a CBOR map with integer keys member by member, strictly: finish() refuses what nobody asked
// for. Internal to the ledger.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "codec/cbor.h"

namespace vitrine::ledger {

class Members {
 public:
  // `map` outlives the reader; `what` goes in front of every message ("key_created").
  Members(const codec::cbor::Value& map, std::string_view what) : map_(map), what_(what) {}

  const codec::cbor::Value* optional(std::int64_t key);
  Result<const codec::cbor::Value*> required(std::int64_t key, std::string_view name);
  Result<std::uint64_t> uint(std::int64_t key, std::string_view name, std::uint64_t min,
                             std::uint64_t max);
  Result<Bytes> bytes(std::int64_t key, std::string_view name, std::size_t min, std::size_t max);
  Result<std::string> text(std::int64_t key, std::string_view name, std::size_t max);  // 1 to max
  Result<Digest> digest(std::int64_t key, std::string_view name);
  Result<bool> boolean(std::int64_t key, std::string_view name);
  template <std::size_t N>
  Result<std::array<Byte, N>> array(std::int64_t key, std::string_view name) {
    VITRINE_TRY(const auto value, bytes(key, name, N, N));
    std::array<Byte, N> out;
    std::memcpy(out.data(), value.data(), N);
    return out;
  }
  // malformed: not a map, or a member that was never read.
  Status finish() const;

  // "key_created: member 4 (kid)"
  std::string context(std::int64_t key, std::string_view name) const;
  // "key_created: member 4 (kid) <reason>"
  tl::unexpected<Error> bad(std::int64_t key, std::string_view name, std::string_view reason) const;

 private:
  const codec::cbor::Value& map_;
  std::string_view what_;
  std::size_t read_ = 0;  // how many members were found
};

// A fixed array of items. malformed: not an array of exactly that many.
Result<const std::vector<codec::cbor::Value>*> items_of(const codec::cbor::Value& value,
                                                        std::size_t count, std::string_view what);

// What fits both an unsigned CBOR integer and a signed 64-bit number.
inline constexpr std::uint64_t kNumberMax = 0x7fff'ffff'ffff'ffff;

}  // namespace vitrine::ledger
