// What the public parts of several kinds have in common. Internal to the ledger.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/entries.h"
#include "ledger/members.h"

namespace vitrine::ledger {

inline constexpr std::size_t kNameBytesMax = 255;
inline constexpr std::size_t kSpkiBytesMax = 1'024;

// A map with keys 1, 2, ….
codec::cbor::Value make_map(std::initializer_list<codec::cbor::Value> values_from_key_1);

// A node or member id: 64 lower-case hex digits.
Result<std::string> identity(Members& members, std::int64_t key, std::string_view name);

// [hash, length, media type]
codec::cbor::Value to_cbor(const BlobRef& ref);
Result<BlobRef> read_blob_ref(const codec::cbor::Value& value, std::string_view what);

// Member 2: the envelope's bytes, or member 3: where they are.
void put_envelope(std::vector<codec::cbor::Value::Entry>& members, const Envelope& envelope);
Result<Envelope> read_envelope(Members& members);

codec::cbor::Value to_cbor(const MatchedClaims& claims);
// `what`: "key_released: member 4 (claims)"
Result<MatchedClaims> read_claims(const codec::cbor::Value& value, std::string_view what);

}  // namespace vitrine::ledger
