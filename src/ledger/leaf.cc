#include "ledger/leaf.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "base/assert.h"
#include "base/limits.h"
#include "crypto/hash.h"
#include "ledger/members.h"
#include "ledger/tree.h"

namespace vitrine::ledger {

using codec::cbor::Type;
using codec::cbor::Value;

namespace {

// Keys of the leaf's map (transparency.md 12).
constexpr std::int64_t kVersion = 1;
constexpr std::int64_t kId = 2;
constexpr std::int64_t kTime = 3;
constexpr std::int64_t kKind = 4;
constexpr std::int64_t kPublicPart = 5;
constexpr std::int64_t kSealed = 6;
constexpr std::int64_t kClaimsDigest = 7;
constexpr std::int64_t kEvidenceDigest = 8;
constexpr std::int64_t kPrevious = 9;
constexpr std::int64_t kGovernance = 10;

Result<std::uint64_t> number(const Value& value, std::uint64_t min, std::string_view what) {
  if (!value.is(Type::unsigned_int) || value.as_uint() < min || value.as_uint() > kNumberMax) {
    return malformed(
        fmt::format("leaf: {} is not a whole number from {} to {}", what, min, kNumberMax));
  }
  return value.as_uint();
}

Result<Digest> digest(const Value& value, std::string_view what) {
  const auto read = value.to_digest();
  if (!read) return malformed(fmt::format("leaf: {} is not a byte string of 32", what));
  return *read;
}

Result<TransactionId> decode_id(const Value& value) {
  VITRINE_TRY(const auto* items, items_of(value, 2, "leaf: member 2 (id)"));
  VITRINE_TRY(const auto view, number((*items)[0], 1, "view"));
  VITRINE_TRY(const auto seqno, number((*items)[1], 1, "sequence number"));
  return TransactionId{view, seqno};
}

// A deal of shares is sealed under a key of its own, which is no version of the ledger secret.
Result<SealedCommitment> decode_sealed(const Value& value, Kind kind) {
  VITRINE_TRY(const auto* items, items_of(value, 3, "leaf: member 6 (sealed part)"));
  const std::uint64_t first = kind == Kind::shares_dealt ? 0 : 1;
  SealedCommitment sealed;
  VITRINE_TRY(sealed.secret_version, number((*items)[0], first, "ledger secret version"));
  if (kind == Kind::shares_dealt && sealed.secret_version != 0)
    return malformed("leaf: a deal of shares sealed under a ledger secret");
  VITRINE_TRY(sealed.length, number((*items)[1], 1, "length of the sealed part"));
  VITRINE_TRY(sealed.sha256, digest((*items)[2], "hash of the sealed part"));
  return sealed;
}

// The first entry of a batch names the head it stands on, so its own place is fixed by that size.
Result<Roots> decode_previous(const Value& value, const TransactionId& id) {
  VITRINE_TRY(const auto* items, items_of(value, 3, "leaf: member 9 (previous head)"));
  Roots roots;
  VITRINE_TRY(roots.size, number((*items)[0], 0, "size of the previous head"));
  VITRINE_TRY(roots.rfc9162, digest((*items)[1], "RFC 9162 root of the previous head"));
  VITRINE_TRY(roots.ccf, digest((*items)[2], "CCF root of the previous head"));
  if (roots.size != id.seqno - 1) {
    return malformed(fmt::format("leaf: previous head of size {} under sequence number {}",
                                 roots.size, id.seqno));
  }
  if (roots.size == 0 && (roots.rfc9162 != empty_root() || roots.ccf != empty_root())) {
    return malformed("leaf: previous head of size 0 with a root that is not the empty one");
  }
  return roots;
}

Result<GovernanceRef> decode_governance(const Value& value, const TransactionId& id) {
  VITRINE_TRY(const auto* items, items_of(value, 2, "leaf: member 10 (governance state)"));
  GovernanceRef governance;
  VITRINE_TRY(governance.seqno, number((*items)[0], 0, "sequence number of the governance state"));
  VITRINE_TRY(governance.digest, digest((*items)[1], "digest of the governance state"));
  if (governance.seqno > id.seqno) {
    return malformed(
        fmt::format("leaf: governance state of entry {} in entry {}", governance.seqno, id.seqno));
  }
  if ((governance.seqno == 0) != all_zero(governance.digest)) {
    return malformed("leaf: governance state without an entry that set it, or the reverse");
  }
  return governance;
}

Result<Kind> decode_kind(std::uint64_t number) {
  if (number < static_cast<std::uint64_t>(Kind::service_created) ||
      number > static_cast<std::uint64_t>(Kind::continued_from)) {
    return malformed(fmt::format("leaf: unknown kind {}", number),
                     "the ledger was written by a newer version of this program");
  }
  return static_cast<Kind>(number);
}

// Digits without a leading zero, at most 2^64 - 1; zero where it is anything else.
std::uint64_t positive_decimal(std::string_view text) {
  if (text.empty() || text.front() == '0') return 0;
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

}  // namespace

std::uint64_t protocol_version_of(Kind kind) { return kind <= Kind::snapshot_taken ? 1 : 2; }

std::string_view name_of(Kind kind) {
  switch (kind) {
    case Kind::service_created:
      return "service_created";
    case Kind::governance_set:
      return "governance_set";
    case Kind::node_started:
      return "node_started";
    case Kind::protocol_version:
      return "protocol_version";
    case Kind::proposal_accepted:
      return "proposal_accepted";
    case Kind::key_created:
      return "key_created";
    case Kind::key_released:
      return "key_released";
    case Kind::service_opened:
      return "service_opened";
    case Kind::snapshot_taken:
      return "snapshot_taken";
    case Kind::proposal_submitted:
      return "proposal_submitted";
    case Kind::ballot_cast:
      return "ballot_cast";
    case Kind::proposal_withdrawn:
      return "proposal_withdrawn";
    case Kind::state_digest_updated:
      return "state_digest_updated";
    case Kind::member_acked:
      return "member_acked";
    case Kind::proposal_applied:
      return "proposal_applied";
    case Kind::issuer_keys_refreshed:
      return "issuer_keys_refreshed";
    case Kind::shares_dealt:
      return "shares_dealt";
    case Kind::ledger_rekeyed:
      return "ledger_rekeyed";
    case Kind::certificate_renewed:
      return "certificate_renewed";
    case Kind::service_key_rotated:
      return "service_key_rotated";
    case Kind::log_key_rotated:
      return "log_key_rotated";
    case Kind::service_recovered:
      return "service_recovered";
    case Kind::secrets_handed_off:
      return "secrets_handed_off";
    case Kind::continued_from:
      return "continued_from";
  }
  VITRINE_ASSERT(false && "a kind outside the list");
}

std::string to_text(const TransactionId& id) { return fmt::format("{}.{}", id.view, id.seqno); }

Result<TransactionId> transaction_id_from(std::string_view text) {
  const auto dot = std::min(text.find('.'), text.size());
  const TransactionId id{positive_decimal(text.substr(0, dot)),
                         dot < text.size() ? positive_decimal(text.substr(dot + 1)) : 0};
  if (id.view == 0 || id.seqno == 0) {
    return malformed("transaction id: not two positive decimals with a dot between, like 2.14");
  }
  return id;
}

Bytes encode(const Leaf& leaf) { return encode(leaf, codec::cbor::encode(leaf.public_part)); }

Bytes encode(const Leaf& leaf, ByteView public_part) {
  VITRINE_ASSERT(leaf.public_part.is(Type::map));
  VITRINE_ASSERT(to_unix_ms(leaf.time) >= 0);
  VITRINE_ASSERT(!leaf.claims_digest || !all_zero(*leaf.claims_digest));
  codec::cbor::Writer out(1024);
  out.map(7 + (leaf.sealed ? 1 : 0) + (leaf.claims_digest ? 1 : 0) + (leaf.previous ? 1 : 0));
  out.uint(kVersion).uint(kLeafFormatVersion);
  out.uint(kId).array(2).uint(leaf.id.view).uint(leaf.id.seqno);
  out.uint(kTime).uint(static_cast<std::uint64_t>(to_unix_ms(leaf.time)));
  out.uint(kKind).uint(static_cast<std::uint64_t>(leaf.kind));
  out.uint(kPublicPart).encoded(public_part);
  if (leaf.sealed) {
    out.uint(kSealed).array(3).uint(leaf.sealed->secret_version).uint(leaf.sealed->length);
    out.bytes(leaf.sealed->sha256);
  }
  if (leaf.claims_digest) out.uint(kClaimsDigest).bytes(*leaf.claims_digest);
  out.uint(kEvidenceDigest).bytes(leaf.evidence_digest);
  if (leaf.previous) out.uint(kPrevious).value(to_cbor(*leaf.previous));
  out.uint(kGovernance).array(2).uint(leaf.governance.seqno).bytes(leaf.governance.digest);
  return out.take();
}

Result<Leaf> decode_leaf(ByteView bytes) {
  if (bytes.size() > limits::kLeafBytesMax) {
    return malformed(fmt::format("leaf: {} bytes, over {}", bytes.size(), limits::kLeafBytesMax));
  }
  auto decoded = codec::cbor::decode(bytes, codec::cbor::Strictness::deterministic);
  if (!decoded) return in_context("leaf", std::move(decoded).error());
  Members members(*decoded, "leaf");
  VITRINE_TRY(const auto version, members.uint(kVersion, "format version", 0, kNumberMax));
  if (version != kLeafFormatVersion) {
    return malformed(
        fmt::format("leaf: format version {}, known is {}", version, kLeafFormatVersion),
        "the ledger was written by a newer version of this program");
  }
  Leaf leaf;
  VITRINE_TRY(const auto* id, members.required(kId, "id"));
  VITRINE_TRY(leaf.id, decode_id(*id));
  VITRINE_TRY(const auto time, members.uint(kTime, "time", 0, kNumberMax));
  leaf.time = from_unix_ms(static_cast<std::int64_t>(time));
  VITRINE_TRY(const auto kind, members.uint(kKind, "kind", 0, kNumberMax));
  VITRINE_TRY(leaf.kind, decode_kind(kind));
  VITRINE_TRY(const auto* public_part, members.required(kPublicPart, "public part"));
  if (!public_part->is(Type::map)) return members.bad(kPublicPart, "public part", "is not a map");
  leaf.public_part = *public_part;
  if (const auto* sealed = members.optional(kSealed); sealed != nullptr) {
    VITRINE_TRY(leaf.sealed, decode_sealed(*sealed, leaf.kind));
  }
  if (const auto* claims = members.optional(kClaimsDigest); claims != nullptr) {
    VITRINE_TRY(leaf.claims_digest, digest(*claims, "claims digest"));
    if (all_zero(*leaf.claims_digest)) {
      return members.bad(kClaimsDigest, "claims digest", "is zero, which only absence may say");
    }
  }
  VITRINE_TRY(leaf.evidence_digest, members.digest(kEvidenceDigest, "commit evidence digest"));
  if (const auto* previous = members.optional(kPrevious); previous != nullptr) {
    VITRINE_TRY(leaf.previous, decode_previous(*previous, leaf.id));
  }
  VITRINE_TRY(const auto* governance, members.required(kGovernance, "governance state"));
  VITRINE_TRY(leaf.governance, decode_governance(*governance, leaf.id));
  VITRINE_CHECK(members.finish());
  return leaf;
}

Value to_cbor(const Roots& roots) {
  return Value::array(
      {Value::uint(roots.size), Value::bytes(roots.rfc9162), Value::bytes(roots.ccf)});
}

Digest rfc9162_leaf_hash(ByteView leaf_bytes) {
  static constexpr Byte kPrefix[] = {0x00};
  return crypto::sha256({ByteView(kPrefix), leaf_bytes});
}

Digest ccf_leaf_hash(ByteView leaf_bytes, const Leaf& leaf) {
  const Digest write_set = crypto::sha256(leaf_bytes);
  return ccf_leaf_hash(write_set, leaf.evidence_digest, leaf.claims_digest.value_or(Digest{}));
}

Digest ccf_leaf_hash(const Digest& write_set, const Digest& evidence, const Digest& claims) {
  std::array<Byte, 96> bytes;
  std::memcpy(bytes.data(), write_set.bytes.data(), 32);
  std::memcpy(bytes.data() + 32, evidence.bytes.data(), 32);
  std::memcpy(bytes.data() + 64, claims.bytes.data(), 32);
  return crypto::sha256(bytes);
}

}  // namespace vitrine::ledger
