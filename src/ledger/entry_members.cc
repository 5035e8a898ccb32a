#include "ledger/entry_members.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace vitrine::ledger {

using codec::cbor::Type;
using codec::cbor::Value;

namespace {

constexpr std::size_t kClaimsMax = 128;
constexpr std::string_view kEnvelopeType = "application/cose";

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

Result<ClaimValue> decode_claim(const Value& value, std::string_view what, std::string_view name) {
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
      "{}: claim {} is not true or false, a whole number, text or an array of texts", what, name));
}

}  // namespace

Value make_map(std::initializer_list<Value> values_from_key_1) {
  std::vector<Value::Entry> entries;
  entries.reserve(values_from_key_1.size());
  std::uint64_t key = 0;
  for (const Value& value : values_from_key_1) entries.emplace_back(Value::uint(++key), value);
  return Value::map(std::move(entries));
}

Result<std::string> identity(Members& members, std::int64_t key, std::string_view name) {
  VITRINE_TRY(auto text, members.text(key, name, 64));
  if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return members.bad(key, name, "is not 64 lower-case hex digits");
  }
  return text;
}

Value to_cbor(const BlobRef& ref) {
  return Value::array(
      {Value::bytes(ref.sha256), Value::uint(ref.length), Value::text(ref.media_type)});
}

Result<BlobRef> read_blob_ref(const Value& value, std::string_view what) {
  VITRINE_TRY(const auto* items, items_of(value, 3, what));
  const auto sha256 = (*items)[0].to_digest();
  const auto& length = (*items)[1];
  const auto& media_type = (*items)[2];
  if (!sha256) return malformed(fmt::format("{}: hash is not a byte string of 32", what));
  if (!length.is(Type::unsigned_int) || length.as_uint() == 0 ||
      length.as_uint() > limits::kBlobBytesMax) {
    return malformed(
        fmt::format("{}: length is not a whole number from 1 to {}", what, limits::kBlobBytesMax));
  }
  if (!media_type.is(Type::text_string) || media_type.as_text().empty() ||
      media_type.as_text().size() > kNameBytesMax) {
    return malformed(
        fmt::format("{}: media type is not text of 1 to {} bytes", what, kNameBytesMax));
  }
  return BlobRef{*sha256, length.as_uint(), media_type.as_text()};
}

Envelope envelope_of(ByteView envelope) {
  if (envelope.size() <= kEnvelopeInlineBytesMax) return to_bytes(envelope);
  return blob_ref(envelope, kEnvelopeType);
}

Result<ByteView> bytes_of(const Envelope& envelope, ByteView blob) {
  if (const auto* reference = std::get_if<BlobRef>(&envelope)) {
    VITRINE_CHECK(check_blob(*reference, blob));
    return blob;
  }
  return ByteView(std::get<Bytes>(envelope));
}

void put_envelope(std::vector<Value::Entry>& members, const Envelope& envelope) {
  if (const auto* inline_bytes = std::get_if<Bytes>(&envelope)) {
    members.emplace_back(Value::uint(2), Value::bytes(*inline_bytes));
  } else {
    members.emplace_back(Value::uint(3), to_cbor(std::get<BlobRef>(envelope)));
  }
}

Result<Envelope> read_envelope(Members& members) {
  if (const auto* blob = members.optional(3); blob != nullptr) {
    VITRINE_TRY(auto ref, read_blob_ref(*blob, members.context(3, "envelope")));
    if (ref.length <= kEnvelopeInlineBytesMax) {
      return members.bad(3, "envelope", "is small enough to stand inline");
    }
    return ref;
  }
  VITRINE_TRY(auto bytes, members.bytes(2, "envelope", 1, kEnvelopeInlineBytesMax));
  return bytes;
}

Value to_cbor(const MatchedClaims& claims) {
  std::vector<Value::Entry> entries;
  entries.reserve(claims.size());
  for (const auto& [name, value] : claims) {
    entries.emplace_back(Value::text(name), encode_claim(value));
  }
  return Value::map(std::move(entries));
}

Result<MatchedClaims> read_claims(const Value& value, std::string_view what) {
  if (!value.is(Type::map) || value.entries().size() > kClaimsMax) {
    return malformed(fmt::format("{} is not a map of at most {}", what, kClaimsMax));
  }
  MatchedClaims claims;
  for (const auto& [name, claim] : value.entries()) {
    if (!name.is(Type::text_string) || name.as_text().empty() ||
        name.as_text().size() > kNameBytesMax) {
      return malformed(
          fmt::format("{} has a name that is not text of 1 to {} bytes", what, kNameBytesMax));
    }
    VITRINE_TRY(auto decoded, decode_claim(claim, what, name.as_text()));
    claims.emplace(name.as_text(), std::move(decoded));
  }
  return claims;
}

}  // namespace vitrine::ledger
