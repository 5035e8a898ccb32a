// What an entry says in the open: the public part (key 5 of the leaf) of each kind, as a struct
// with its encoding (docs/formats/leaf.md). Decoding is strict: an unknown member, a missing one,
// another type or a value out of bounds is malformed, so each struct has exactly one encoding.
// Pure.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "codec/cbor.h"
#include "crypto/kem.h"
#include "ledger/leaf.h"

namespace vitrine::ledger {

// Public bytes too large for a leaf, stored beside it and served at blob/<sha256 hex>
// (transparency.md 5).
struct BlobRef {
  Digest sha256;
  std::uint64_t length = 0;  // 1 to limits::kBlobBytesMax
  std::string media_type;
  bool operator==(const BlobRef&) const = default;
};
BlobRef blob_ref(ByteView blob, std::string_view media_type);
// denied: another length or hash.
Status check_blob(const BlobRef& ref, ByteView blob);

// Kind 1, the first entry: who this service is, for ever. SHA-256 of its leaf is the genesis hash.
struct ServiceCreated {
  ServiceId service{};
  Bytes service_spki;         // DER; its curve is the genesis setting
  Bytes service_certificate;  // DER, self-signed
  std::array<Byte, 32> log_key{};
  std::string log_origin;
  bool dev = false;
  std::string software;  // version of the program that made the ledger
  bool operator==(const ServiceCreated&) const = default;
};

// Kind 2: the first governance state, as compact JSON in the blob.
struct GovernanceSet {
  BlobRef state;
  bool operator==(const GovernanceSet&) const = default;
};

// Kind 3: a process start. Raises the view.
struct NodeStarted {
  std::string node_id;  // hex SHA-256 of node_spki
  Bytes node_spki;      // DER
  BootId boot{};
  Bytes node_certificate;  // DER, endorsed by the service key
  bool operator==(const NodeStarted&) const = default;
};

// Kind 4: enables the kinds of that version (docs/formats/leaf.md).
struct ProtocolVersion {
  std::uint64_t version = 0;
  bool operator==(const ProtocolVersion&) const = default;
};

// Kind 5: the proposer's signed envelope, inline up to kEnvelopeInlineBytesMax, else a blob.
inline constexpr std::size_t kEnvelopeInlineBytesMax = 16'384;
struct ProposalAccepted {
  std::string proposer_id;  // hex SHA-256 of the member's certificate
  std::variant<Bytes, BlobRef> envelope;
  bool operator==(const ProposalAccepted&) const = default;
};
// Inline or by reference, as the size asks; where it is a BlobRef the caller stores the envelope as
// the entry's blob.
ProposalAccepted proposal_accepted(std::string proposer_id, ByteView envelope,
                                   std::string_view media_type);

// Kind 6. The sealed part is the raw private key; its seal's context is `public_key`.
struct KeyCreated {
  crypto::Kem kem = crypto::Kem::x25519_sha256;
  Bytes public_key;
  std::uint64_t number = 0;  // from 1
  std::string kid;
  unsigned id = 0;
  Time created;  // equal to the leaf's time
  std::optional<Time> expiry;
  bool operator==(const KeyCreated&) const = default;
};

// Same types as attestation's claims, which this module may not include.
using MatchedClaims =
    std::map<std::string, std::variant<bool, std::int64_t, std::string, std::vector<std::string>>,
             std::less<>>;

// Kind 7: a private key was wrapped for an attested workload.
struct KeyReleased {
  std::string kid;
  Digest governance;  // digest of the governance state it was judged by
  std::string profile;
  MatchedClaims claims;   // those the policy matched, with the values found
  std::string freshness;  // "none", "age", "nonce"
  Digest wrapping_key;    // SHA-256 of the wrapping key's text as received
  Digest caller;          // caller_hash() of ledger/seal.h
  std::string format;     // "jwk", "tink"
  bool operator==(const KeyReleased&) const = default;
};

// Kind 9: the node keeps the state after the first `size` entries in a snapshot, so that a start
// need not fold them again. A head commits to entries; this commits to the state that they fold to.
struct SnapshotTaken {
  std::uint64_t size = 0;  // from 1
  Digest state;            // SHA-256 of the state as docs/formats/snapshot.md encodes it
  bool operator==(const SnapshotTaken&) const = default;
};

codec::cbor::Value encode(const ServiceCreated& entry);
codec::cbor::Value encode(const GovernanceSet& entry);
codec::cbor::Value encode(const NodeStarted& entry);
codec::cbor::Value encode(const ProtocolVersion& entry);
codec::cbor::Value encode(const ProposalAccepted& entry);
codec::cbor::Value encode(const KeyCreated& entry);
codec::cbor::Value encode(const KeyReleased& entry);
codec::cbor::Value encode(const SnapshotTaken& entry);

// malformed: names kind and member.
Result<ServiceCreated> decode_service_created(const codec::cbor::Value& public_part);
Result<GovernanceSet> decode_governance_set(const codec::cbor::Value& public_part);
Result<NodeStarted> decode_node_started(const codec::cbor::Value& public_part);
Result<ProtocolVersion> decode_protocol_version(const codec::cbor::Value& public_part);
Result<ProposalAccepted> decode_proposal_accepted(const codec::cbor::Value& public_part);
Result<KeyCreated> decode_key_created(const codec::cbor::Value& public_part);
Result<KeyReleased> decode_key_released(const codec::cbor::Value& public_part);
Result<SnapshotTaken> decode_snapshot_taken(const codec::cbor::Value& public_part);

}  // namespace vitrine::ledger
