// The public parts of kinds 17 to 24: secrets, certificates, recovery.
#include <fmt/format.h>

#include "base/assert.h"
#include "base/hex.h"
#include "base/limits.h"
#include "ledger/entry_members.h"

namespace vitrine::ledger {

using codec::cbor::Type;
using codec::cbor::Value;

namespace {

constexpr std::uint64_t kThresholdMax = 254;
constexpr std::size_t kEncryptedShareBytesMin = 256;  // RSA-2048
constexpr std::size_t kEncryptedShareBytesMax = 512;  // RSA-4096
constexpr std::size_t kSignatureBytes = 64;           // Ed25519

Result<std::uint64_t> cause_of(Members& members) { return members.uint(1, "cause", 0, kNumberMax); }

Result<Bytes> certificate(Members& members, std::int64_t key, std::string_view name) {
  return members.bytes(key, name, 1, limits::kCertificateBytesMax);
}

Value to_cbor(const SharesDealt::Share& share) {
  const auto member = from_hex(share.member);
  VITRINE_ASSERT(member && member->size() == sizeof(Digest));
  return Value::array(
      {Value::bytes(*member), Value::bytes(share.encrypted), Value::bytes(share.digest)});
}

Result<SharesDealt::Share> read_share(const Value& value, std::string_view what) {
  VITRINE_TRY(const auto* items, items_of(value, 3, what));
  const auto member = (*items)[0].to_digest();
  const auto digest = (*items)[2].to_digest();
  const Value& encrypted = (*items)[1];
  if (!member || !digest)
    return malformed(fmt::format("{}: member id or digest is not a byte string of 32", what));
  if (!encrypted.is(Type::byte_string) || encrypted.as_bytes().size() < kEncryptedShareBytesMin ||
      encrypted.as_bytes().size() > kEncryptedShareBytesMax) {
    return malformed(fmt::format("{}: the encrypted share is not a byte string of {} to {}", what,
                                 kEncryptedShareBytesMin, kEncryptedShareBytesMax));
  }
  return SharesDealt::Share{to_hex(*member), encrypted.as_bytes(), *digest};
}

Result<std::vector<SharesDealt::Share>> read_shares(Members& members) {
  VITRINE_TRY(const auto* value, members.required(4, "shares"));
  if (!value->is(Type::array) || value->items().empty() || value->items().size() > kSharesMax)
    return members.bad(4, "shares", fmt::format("is not an array of 1 to {}", kSharesMax));
  std::vector<SharesDealt::Share> shares;
  for (const Value& item : value->items()) {
    VITRINE_TRY(auto share, read_share(item, members.context(4, "shares")));
    if (!shares.empty() && share.member <= shares.back().member)
      return members.bad(4, "shares", "is not in ascending order of member ids");
    shares.push_back(std::move(share));
  }
  return shares;
}

Result<Roots> read_roots(const Value& value, std::string_view what) {
  VITRINE_TRY(const auto* items, items_of(value, 3, what));
  const auto rfc9162 = (*items)[1].to_digest();
  const auto ccf = (*items)[2].to_digest();
  const Value& size = (*items)[0];
  if (!size.is(Type::unsigned_int) || size.as_uint() == 0 || size.as_uint() > kNumberMax ||
      !rfc9162 || !ccf) {
    return malformed(fmt::format("{} is not a size from 1 and two roots of 32 bytes", what));
  }
  return Roots{size.as_uint(), *rfc9162, *ccf};
}

}  // namespace

Value encode(const SharesDealt& entry) {
  std::vector<Value> shares;
  for (const auto& share : entry.shares) shares.push_back(to_cbor(share));
  return make_map({Value::uint(entry.cause), Value::uint(entry.secret_version),
                   Value::uint(entry.threshold), Value::array(std::move(shares))});
}

Value encode(const LedgerRekeyed& entry) {
  return make_map({Value::uint(entry.cause), Value::uint(entry.secret_version)});
}

Value encode(const CertificateRenewed& entry) {
  return make_map({Value::uint(entry.cause), Value::boolean(entry.of_service),
                   Value::bytes(entry.certificate)});
}

Value encode(const ServiceKeyRotated& entry) {
  return make_map({Value::uint(entry.cause), Value::bytes(entry.service_certificate),
                   Value::bytes(entry.endorsement), Value::bytes(entry.node_certificate)});
}

Value encode(const LogKeyRotated& entry) {
  return make_map(
      {Value::uint(entry.cause), Value::bytes(entry.log_key), Value::bytes(entry.endorsement)});
}

Value encode(const ServiceRecovered& entry) {
  return make_map({Value::bytes(entry.node_spki_sha256), Value::uint(entry.shares_seqno),
                   to_cbor(entry.statements)});
}

Value encode(const SecretsHandedOff& entry) {
  return make_map(
      {Value::bytes(entry.node_spki_sha256), Value::text(entry.profile), to_cbor(entry.claims)});
}

Value encode(const ContinuedFrom& entry) {
  return make_map({to_cbor(entry.old_head), Value::text(entry.old_origin),
                   Value::text(entry.log_origin), Value::bytes(entry.log_key),
                   Value::uint(entry.secret_version)});
}

Result<SharesDealt> decode_shares_dealt(const Value& public_part) {
  Members members(public_part, "shares_dealt");
  SharesDealt entry;
  VITRINE_TRY(entry.cause, cause_of(members));
  VITRINE_TRY(entry.secret_version, members.uint(2, "ledger secret version", 1, kNumberMax));
  VITRINE_TRY(entry.threshold, members.uint(3, "threshold", 1, kThresholdMax));
  VITRINE_TRY(entry.shares, read_shares(members));
  if (entry.threshold > entry.shares.size())
    return members.bad(3, "threshold", "is more than there are shares");
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<LedgerRekeyed> decode_ledger_rekeyed(const Value& public_part) {
  Members members(public_part, "ledger_rekeyed");
  LedgerRekeyed entry;
  VITRINE_TRY(entry.cause, cause_of(members));
  VITRINE_TRY(entry.secret_version, members.uint(2, "ledger secret version", 2, kNumberMax));
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<CertificateRenewed> decode_certificate_renewed(const Value& public_part) {
  Members members(public_part, "certificate_renewed");
  CertificateRenewed entry;
  VITRINE_TRY(entry.cause, cause_of(members));
  VITRINE_TRY(entry.of_service, members.boolean(2, "of the service"));
  VITRINE_TRY(entry.certificate, certificate(members, 3, "certificate"));
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<ServiceKeyRotated> decode_service_key_rotated(const Value& public_part) {
  Members members(public_part, "service_key_rotated");
  ServiceKeyRotated entry;
  VITRINE_TRY(entry.cause, cause_of(members));
  VITRINE_TRY(entry.service_certificate, certificate(members, 2, "service certificate"));
  VITRINE_TRY(entry.endorsement, certificate(members, 3, "endorsement"));
  VITRINE_TRY(entry.node_certificate, certificate(members, 4, "node certificate"));
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<LogKeyRotated> decode_log_key_rotated(const Value& public_part) {
  Members members(public_part, "log_key_rotated");
  LogKeyRotated entry;
  VITRINE_TRY(entry.cause, cause_of(members));
  VITRINE_TRY(entry.log_key, members.array<32>(2, "log key"));
  VITRINE_TRY(entry.endorsement, members.bytes(3, "endorsement", kSignatureBytes, kSignatureBytes));
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<ServiceRecovered> decode_service_recovered(const Value& public_part) {
  Members members(public_part, "service_recovered");
  ServiceRecovered entry;
  VITRINE_TRY(entry.node_spki_sha256, members.digest(1, "node key hash"));
  VITRINE_TRY(entry.shares_seqno, members.uint(2, "sequence number of the deal", 1, kNumberMax));
  VITRINE_TRY(const auto* statements, members.required(3, "statements"));
  VITRINE_TRY(entry.statements, read_blob_ref(*statements, members.context(3, "statements")));
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<SecretsHandedOff> decode_secrets_handed_off(const Value& public_part) {
  Members members(public_part, "secrets_handed_off");
  SecretsHandedOff entry;
  VITRINE_TRY(entry.node_spki_sha256, members.digest(1, "node key hash"));
  VITRINE_TRY(entry.profile, members.text(2, "profile", kNameBytesMax));
  VITRINE_TRY(const auto* claims, members.required(3, "claims"));
  VITRINE_TRY(entry.claims, read_claims(*claims, members.context(3, "claims")));
  VITRINE_CHECK(members.finish());
  return entry;
}

Result<ContinuedFrom> decode_continued_from(const Value& public_part) {
  Members members(public_part, "continued_from");
  ContinuedFrom entry;
  VITRINE_TRY(const auto* head, members.required(1, "old head"));
  VITRINE_TRY(entry.old_head, read_roots(*head, members.context(1, "old head")));
  VITRINE_TRY(entry.old_origin, members.text(2, "old log origin", kNameBytesMax));
  VITRINE_TRY(entry.log_origin, members.text(3, "log origin", kNameBytesMax));
  VITRINE_TRY(entry.log_key, members.array<32>(4, "log key"));
  VITRINE_TRY(entry.secret_version, members.uint(5, "ledger secret version", 2, kNumberMax));
  VITRINE_CHECK(members.finish());
  return entry;
}

}  // namespace vitrine::ledger
