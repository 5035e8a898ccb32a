// The public form of an entry: the leaf of both trees (transparency.md 12, decisions.md;
// docs/formats/leaf.md). These bytes never change. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "codec/cbor.h"

namespace vitrine::ledger {

using ServiceId = std::array<Byte, 32>;  // random, made at genesis
using BootId = std::array<Byte, 16>;     // random, made at each process start

// A closed list; a number is never reused.
enum class Kind : std::uint8_t {
  service_created = 1,    // genesis: identities, origin, settings that never change
  governance_set = 2,     // genesis: the first governance state
  node_started = 3,       // raises the view
  protocol_version = 4,   // enables kinds
  proposal_accepted = 5,  // a signed envelope whose actions apply at once
  key_created = 6,
  key_released = 7,
  service_opened = 8,
  snapshot_taken = 9,  // a node kept the state after an earlier entry
  // of protocol version 2: governance, secrets, recovery
  proposal_submitted = 10,
  ballot_cast = 11,
  proposal_withdrawn = 12,
  state_digest_updated = 13,
  member_acked = 14,
  proposal_applied = 15,  // its waiting time is over
  issuer_keys_refreshed = 16,
  shares_dealt = 17,
  ledger_rekeyed = 18,
  certificate_renewed = 19,
  service_key_rotated = 20,
  log_key_rotated = 21,
  service_recovered = 22,
  secrets_handed_off = 23,
  continued_from = 24,
};
inline constexpr std::uint64_t kProtocolVersion = 2;  // the newest this program knows
// The protocol version that enables a kind.
std::uint64_t protocol_version_of(Kind kind);
std::string_view name_of(Kind kind);

struct TransactionId {
  std::uint64_t view = 0;
  std::uint64_t seqno = 0;  // from 1; leaf index = seqno - 1
  auto operator<=>(const TransactionId&) const = default;
};
std::string to_text(const TransactionId& id);  // "2.14"
Result<TransactionId> transaction_id_from(
    std::string_view text);  // positive decimals without leading zeros

// What both trees say at one size.
struct Roots {
  std::uint64_t size = 0;
  Digest rfc9162;
  Digest ccf;
  bool operator==(const Roots&) const = default;
};

struct SealedCommitment {
  std::uint64_t secret_version = 0;  // of the ledger secret; 0 in shares_dealt: the shares' own key
  std::uint64_t length = 0;          // of the stored bytes
  Digest sha256;                     // of the stored bytes
  bool operator==(const SealedCommitment&) const = default;
};

// Before the first governance entry: 0 and zero bytes.
struct GovernanceRef {
  std::uint64_t seqno = 0;  // of the newest governance entry up to and including this one
  Digest digest;            // of the canonical governance state after this entry
  bool operator==(const GovernanceRef&) const = default;
};

struct Leaf {
  TransactionId id;
  Time time;
  Kind kind = Kind::service_created;
  codec::cbor::Value public_part;  // a map
  std::optional<SealedCommitment> sealed;
  std::optional<Digest> claims_digest;
  Digest evidence_digest;         // SHA-256 of the commit evidence text
  std::optional<Roots> previous;  // on the first entry of a batch; size 0 at genesis
  GovernanceRef governance;
};

inline constexpr std::uint64_t kLeafFormatVersion = 1;
Bytes encode(const Leaf& leaf);  // deterministic CBOR
// The same with the public part's own encoding at hand, which is the larger part of the work.
Bytes encode(const Leaf& leaf, ByteView public_part);
// malformed: anything encode() would not emit, an unknown kind, or over limits::kLeafBytesMax.
Result<Leaf> decode_leaf(ByteView bytes);

// The leaf hash of each tree.
Digest rfc9162_leaf_hash(ByteView leaf_bytes);
Digest ccf_leaf_hash(ByteView leaf_bytes, const Leaf& leaf);
// The same from its three parts: SHA-256 of the leaf, of the commit evidence, and the claims
// digest.
Digest ccf_leaf_hash(const Digest& write_set, const Digest& evidence, const Digest& claims);

codec::cbor::Value to_cbor(const Roots& roots);  // [size, RFC 9162 root, CCF root]

}  // namespace vitrine::ledger
