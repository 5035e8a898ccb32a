#include "ledger/entries.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "ledger/members.h"

namespace vitrine::ledger {

using codec::cbor::Type;
using codec::cbor::Value;

namespace {

constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kSpkiBytesMax = 1'024;

Value make_map(std::initializer_list<Value> values_from_key_1) {
  std::vector<Value::Entry> entries;
  entries.reserve(values_from_key_1.size());
  std::uint64_t key = 0;
  for (const Value& value : values_from_key_1) entries.emplace_back(Value::uint(++key), value);
  return Value::map(std::move(entries));
}

Value time_value(Time time) {
  VITRINE_ASSERT(to_unix_ms(time) >= 0);
  return Value::uint(static_cast<std::uint64_t>(to_unix_ms(time)));
}

// A node or member id: 64 lower-case hex digits.
Result<std::string> identity(Members& members, std::int64_t key, std::string_view name) {
  VITRINE_TRY(auto text, members.text(key, name, 64));
  if (text.size() != 64 || text.find_first_not_of("0123456789abcdef") != std::string::npos) {
    return members.bad(key, name, "is not 64 lower-case hex digits");
  }
  return text;
}

Result<BlobRef> read_blob_ref(const Value& value, std::string_view what) {
  VITRINE_TRY(const auto* items, items_of(value, 3, what));
  BlobRef ref;
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

}  // namespace

BlobRef blob_ref(ByteView blob, std::string_view media_type) {
  return {crypto::sha256(blob), blob.size(), std::string(media_type)};
}

Status check_blob(const BlobRef& ref, ByteView blob) {
  if (blob.size() != ref.length) {
    return denied(fmt::format("blob: {} bytes, the entry says {}", blob.size(), ref.length));
  }
  if (crypto::sha256(blob) != ref.sha256) return denied("blob: its hash is not the entry's");
  return {};
}

ProposalAccepted proposal_accepted(std::string proposer_id, ByteView envelope,
                                   std::string_view media_type) {
  if (envelope.size() <= kEnvelopeInlineBytesMax) {
    return {std::move(proposer_id), to_bytes(envelope)};
  }
  return {std::move(proposer_id), blob_ref(envelope, media_type)};
}

Value encode(const ServiceCreated& entry) {
  return make_map({Value::bytes(entry.service), Value::bytes(entry.service_spki),
                   Value::bytes(entry.service_certificate), Value::bytes(entry.log_key),
                   Value::text(entry.log_origin), Value::boolean(entry.dev),
                   Value::text(entry.software)});
}

Value encode(const GovernanceSet& entry) {
  return make_map({Value::bytes(entry.state.sha256), Value::uint(entry.state.length),
                   Value::text(entry.state.media_type)});
}

Value encode(const NodeStarted& entry) {
  return make_map({Value::text(entry.node_id), Value::bytes(entry.node_spki),
                   Value::bytes(entry.boot), Value::bytes(entry.node_certificate)});
}

Value encode(const ProtocolVersion& entry) { return make_map({Value::uint(entry.version)}); }

Value encode(const ProposalAccepted& entry) {
  if (const auto* inline_bytes = std::get_if<Bytes>(&entry.envelope); inline_bytes != nullptr) {
    return make_map({Value::text(entry.proposer_id), Value::bytes(*inline_bytes)});
  }
  const auto& ref = std::get<BlobRef>(entry.envelope);
  auto blob = Value::array(
      {Value::bytes(ref.sha256), Value::uint(ref.length), Value::text(ref.media_type)});
  return Value::map(
      {{Value::uint(1), Value::text(entry.proposer_id)}, {Value::uint(3), std::move(blob)}});
}

Value encode(const KeyCreated& entry) {
  std::vector<Value::Entry> members;
  members.reserve(7);
  members.emplace_back(Value::uint(1), Value::uint(static_cast<std::uint64_t>(entry.kem)));
  members.emplace_back(Value::uint(2), Value::bytes(entry.public_key));
  members.emplace_back(Value::uint(3), Value::uint(entry.number));
  members.emplace_back(Value::uint(4), Value::text(entry.kid));
  members.emplace_back(Value::uint(5), Value::uint(entry.id));
  members.emplace_back(Value::uint(6), time_value(entry.created));
  if (entry.expiry) members.emplace_back(Value::uint(7), time_value(*entry.expiry));
  return Value::map(std::move(members));
}

Value encode(const SnapshotTaken& entry) {
  return make_map({Value::uint(entry.size), Value::bytes(entry.state)});
}

Result<ServiceCreated> decode_service_created(const Value& public_part) {
  Members members(public_part, "service_created");
  ServiceCreated entry;
  VITRINE_TRY(entry.service, members.array<32>(1, "service id"));
  VITRINE_TRY(entry.service_spki, members.bytes(2, "service key", 1, kSpkiBytesMax));
  VITRINE_TRY(entry.service_certificate,
              members.bytes(3, "service certificate", 1, limits::kCertificateBytesMax));
  VITRINE_TRY(entry.log_key, members.array<32>(4, "log key"));
  VITRINE_TRY(entry.log_origin, members.text(5, "log origin", kNameBytesMax));
  VITRINE_TRY(entry.dev, members.boolean(6, "dev"));
  VITRINE_TRY(entry.software, members.text(7, "software version", kNameBytesMax));
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<GovernanceSet> decode_governance_set(const Value& public_part) {
  Members members(public_part, "governance_set");
  GovernanceSet entry;
  VITRINE_TRY(entry.state.sha256, members.digest(1, "hash"));
  VITRINE_TRY(entry.state.length, members.uint(2, "length", 1, limits::kBlobBytesMax));
  VITRINE_TRY(entry.state.media_type, members.text(3, "media type", kNameBytesMax));
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<NodeStarted> decode_node_started(const Value& public_part) {
  Members members(public_part, "node_started");
  NodeStarted entry;
  VITRINE_TRY(entry.node_id, identity(members, 1, "node id"));
  VITRINE_TRY(entry.node_spki, members.bytes(2, "node key", 1, kSpkiBytesMax));
  VITRINE_TRY(entry.boot, members.array<16>(3, "boot id"));
  VITRINE_TRY(entry.node_certificate,
              members.bytes(4, "node certificate", 1, limits::kCertificateBytesMax));
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<ProtocolVersion> decode_protocol_version(const Value& public_part) {
  Members members(public_part, "protocol_version");
  ProtocolVersion entry;
  VITRINE_TRY(entry.version, members.uint(1, "version", 1, kNumberMax));
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<ProposalAccepted> decode_proposal_accepted(const Value& public_part) {
  Members members(public_part, "proposal_accepted");
  ProposalAccepted entry;
  VITRINE_TRY(entry.proposer_id, identity(members, 1, "proposer id"));
  if (const auto* blob = members.optional(3); blob != nullptr) {
    VITRINE_TRY(auto ref, read_blob_ref(*blob, "proposal_accepted: member 3 (envelope)"));
    if (ref.length <= kEnvelopeInlineBytesMax) {
      return members.bad(3, "envelope", "is small enough to stand inline");
    }
    entry.envelope = std::move(ref);
  } else {
    VITRINE_TRY(entry.envelope, members.bytes(2, "envelope", 1, kEnvelopeInlineBytesMax));
  }
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<KeyCreated> decode_key_created(const Value& public_part) {
  Members members(public_part, "key_created");
  KeyCreated entry;
  VITRINE_TRY(const auto kem_id, members.uint(1, "KEM", 0, 0xffff));
  const auto kem = crypto::kem_from_id(static_cast<std::uint16_t>(kem_id));
  if (!kem) return members.bad(1, "KEM", "is not one of 16, 17, 32");
  entry.kem = *kem;
  const std::size_t key_size = crypto::kem_sizes(entry.kem).public_key;
  VITRINE_TRY(entry.public_key, members.bytes(2, "public key", key_size, key_size));
  VITRINE_TRY(entry.number, members.uint(3, "number", 1, kNumberMax));
  VITRINE_TRY(entry.kid, members.text(4, "kid", kNameBytesMax));
  VITRINE_TRY(const auto id, members.uint(5, "id", 0, 0xffff'ffff));
  entry.id = static_cast<unsigned>(id);
  VITRINE_TRY(const auto created, members.uint(6, "creation time", 0, kNumberMax));
  entry.created = from_unix_ms(static_cast<std::int64_t>(created));
  if (public_part.find(7) != nullptr) {
    VITRINE_TRY(const auto expiry, members.uint(7, "expiry time", 0, kNumberMax));
    entry.expiry = from_unix_ms(static_cast<std::int64_t>(expiry));
  }
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<SnapshotTaken> decode_snapshot_taken(const Value& public_part) {
  Members members(public_part, "snapshot_taken");
  SnapshotTaken entry;
  VITRINE_TRY(entry.size, members.uint(1, "size", 1, kNumberMax));
  VITRINE_TRY(entry.state, members.digest(2, "state"));
  VITRINE_CHECK(members.finish());
  return entry;
}

}  // namespace vitrine::ledger
