#include "ledger/entries.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "ledger/entry_members.h"
#include "ledger/members.h"

namespace vitrine::ledger {

using codec::cbor::Value;

namespace {

Value time_value(Time time) {
  VITRINE_ASSERT(to_unix_ms(time) >= 0);
  return Value::uint(static_cast<std::uint64_t>(to_unix_ms(time)));
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

Value encode(const ServiceCreated& entry) {
  std::vector<Value::Entry> members{{Value::uint(1), Value::bytes(entry.service)},
                                    {Value::uint(2), Value::bytes(entry.service_spki)},
                                    {Value::uint(3), Value::bytes(entry.service_certificate)},
                                    {Value::uint(4), Value::bytes(entry.log_key)},
                                    {Value::uint(5), Value::text(entry.log_origin)},
                                    {Value::uint(6), Value::boolean(entry.dev)},
                                    {Value::uint(7), Value::text(entry.software)}};
  if (entry.protocol_version != 1)
    members.emplace_back(Value::uint(8), Value::uint(entry.protocol_version));
  return Value::map(std::move(members));
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
  std::vector<Value::Entry> members{{Value::uint(1), Value::text(entry.proposer_id)}};
  put_envelope(members, entry.envelope);
  return Value::map(std::move(members));
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
  if (public_part.find(8) != nullptr) {
    VITRINE_TRY(entry.protocol_version, members.uint(8, "protocol version", 2, kNumberMax));
  }
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
  VITRINE_TRY(entry.envelope, read_envelope(members));
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
