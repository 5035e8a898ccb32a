#include "ledger/members.h"

#include <fmt/format.h>

namespace vitrine::ledger {

using codec::cbor::Type;
using codec::cbor::Value;

tl::unexpected<Error> Members::bad(std::int64_t key, std::string_view name,
                                   std::string_view reason) const {
  return malformed(fmt::format("{} {}", context(key, name), reason));
}

std::string Members::context(std::int64_t key, std::string_view name) const {
  return fmt::format("{}: member {} ({})", what_, key, name);
}

const Value* Members::optional(std::int64_t key) {
  const Value* value = map_.find(key);
  if (value != nullptr) ++read_;
  return value;
}

Result<const Value*> Members::required(std::int64_t key, std::string_view name) {
  if (!map_.is(Type::map)) return malformed(fmt::format("{}: not a map", what_));
  const Value* value = optional(key);
  if (value == nullptr) return bad(key, name, "is missing");
  return value;
}

Result<std::uint64_t> Members::uint(std::int64_t key, std::string_view name, std::uint64_t min,
                                    std::uint64_t max) {
  VITRINE_TRY(const auto* value, required(key, name));
  if (!value->is(Type::unsigned_int) || value->as_uint() < min || value->as_uint() > max) {
    return bad(key, name, fmt::format("is not a whole number from {} to {}", min, max));
  }
  return value->as_uint();
}

Result<Bytes> Members::bytes(std::int64_t key, std::string_view name, std::size_t min,
                             std::size_t max) {
  VITRINE_TRY(const auto* value, required(key, name));
  if (!value->is(Type::byte_string) || value->as_bytes().size() < min ||
      value->as_bytes().size() > max) {
    if (min == max) return bad(key, name, fmt::format("is not a byte string of {}", min));
    return bad(key, name, fmt::format("is not a byte string of {} to {}", min, max));
  }
  return value->as_bytes();
}

Result<std::string> Members::text(std::int64_t key, std::string_view name, std::size_t max) {
  VITRINE_TRY(const auto* value, required(key, name));
  if (!value->is(Type::text_string) || value->as_text().empty() || value->as_text().size() > max) {
    return bad(key, name, fmt::format("is not text of 1 to {} bytes", max));
  }
  return value->as_text();
}

Result<Digest> Members::digest(std::int64_t key, std::string_view name) {
  VITRINE_TRY(const auto* value, required(key, name));
  const auto digest = value->to_digest();
  if (!digest) return bad(key, name, "is not a byte string of 32");
  return *digest;
}

Result<bool> Members::boolean(std::int64_t key, std::string_view name) {
  VITRINE_TRY(const auto* value, required(key, name));
  if (!value->is(Type::boolean)) return bad(key, name, "is not true or false");
  return value->as_bool();
}

Status Members::finish() const {
  if (!map_.is(Type::map)) return malformed(fmt::format("{}: not a map", what_));
  if (map_.entries().size() != read_) {
    return malformed(
        fmt::format("{}: {} members where {} are known", what_, map_.entries().size(), read_));
  }
  return {};
}

Result<const std::vector<Value>*> items_of(const Value& value, std::size_t count,
                                           std::string_view what) {
  if (!value.is(Type::array) || value.items().size() != count) {
    return malformed(fmt::format("{}: not an array of {}", what, count));
  }
  return &value.items();
}

}  // namespace vitrine::ledger
