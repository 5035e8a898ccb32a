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
  std::string software;                // version of the program that made the ledger
  std::uint64_t protocol_version = 1;  // that the ledger was born with
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

// A signed envelope, inline up to kEnvelopeInlineBytesMax, else a blob.
using Envelope = std::variant<Bytes, BlobRef>;
inline constexpr std::size_t kEnvelopeInlineBytesMax = 16'384;
// Inline or by reference, as the size asks; where it is a BlobRef the caller stores the envelope as
// the entry's blob.
Envelope envelope_of(ByteView envelope);
// The envelope's bytes, wherever they are. denied: the blob is not the one referred to.
Result<ByteView> bytes_of(const Envelope& envelope, ByteView blob);

// Kind 5: applied at once, in dev alone.
struct ProposalAccepted {
  std::string proposer_id;  // hex SHA-256 of the user's certificate
  Envelope envelope;
  bool operator==(const ProposalAccepted&) const = default;
};
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

// Kinds 10 to 14: a governance request as its signer sent it. proposal_submitted: `signer` may be a
// user (`by_user`) whom governance lists as a proposer.
struct GovernanceRequest {
  std::string signer;  // id
  Envelope envelope;
  bool by_user = false;  // kind 10 alone
  bool operator==(const GovernanceRequest&) const = default;
};

// Kind 15.
struct ProposalApplied {
  std::string proposal_id;  // 64 hex digits
  bool operator==(const ProposalApplied&) const = default;
};

// Kind 16. The blob is the JWKS as fetched, compact JSON.
struct IssuerKeysRefreshed {
  std::string issuer;
  BlobRef jwks;
  bool operator==(const IssuerKeysRefreshed&) const = default;
};

// Kind 17. The sealed part, of secret version 0, is the service's secrets under the key that
// `threshold` of the shares give (docs/formats/recovery.md).
struct SharesDealt {
  struct Share {
    std::string member;  // id
    Bytes encrypted;     // RSA-OAEP-SHA256 to the member's encryption key
    Digest digest;       // of the share in the clear
    bool operator==(const Share&) const = default;
  };
  std::uint64_t cause = 0;           // sequence number of the entry that demanded it
  std::uint64_t secret_version = 0;  // newest ledger secret among the secrets
  std::uint64_t threshold = 0;       // 1 to 254
  std::vector<Share> shares;         // by member id, ascending; 1 to kSharesMax
  bool operator==(const SharesDealt&) const = default;
};
inline constexpr std::size_t kSharesMax = 40;  // what fits a leaf with RSA-4096

// Kind 18: from this entry on `secret_version` is in force.
struct LedgerRekeyed {
  std::uint64_t cause = 0;
  std::uint64_t secret_version = 0;
  bool operator==(const LedgerRekeyed&) const = default;
};

// Kind 19: the same key, a new certificate.
struct CertificateRenewed {
  std::uint64_t cause = 0;
  bool of_service = false;  // else of the node
  Bytes certificate;        // DER
  bool operator==(const CertificateRenewed&) const = default;
};

// Kind 20: the new service key, endorsed by the old one.
struct ServiceKeyRotated {
  std::uint64_t cause = 0;
  Bytes service_certificate;  // DER, self-signed by the new key
  Bytes endorsement;          // DER: certificate of the new key, signed by the old one
  Bytes node_certificate;     // DER, endorsed by the new service key
  bool operator==(const ServiceKeyRotated&) const = default;
};

// Kind 21: the new log key, and the old one's signature over it (docs/formats/leaf.md).
struct LogKeyRotated {
  std::uint64_t cause = 0;
  std::array<Byte, 32> log_key{};
  Bytes endorsement;  // Ed25519, 64 bytes
  bool operator==(const LogKeyRotated&) const = default;
};

// Kind 22: a node without its seal was opened by recovery members. The blob is an array of their
// signed statements.
struct ServiceRecovered {
  Digest node_spki_sha256;
  std::uint64_t shares_seqno = 0;  // of the deal whose shares were given
  BlobRef statements;
  bool operator==(const ServiceRecovered&) const = default;
};

// Kind 23: the secrets were given to another program under the join policy.
struct SecretsHandedOff {
  Digest node_spki_sha256;  // of the program they were sealed to
  std::string profile;
  MatchedClaims claims;  // those the join policy matched
  bool operator==(const SecretsHandedOff&) const = default;
};

// Kind 24: the log goes on from a backup, under another name: entries after `old_head` that others
// may hold were lost (transparency.md 12).
struct ContinuedFrom {
  Roots old_head;
  std::string old_origin;
  std::string log_origin;
  std::array<Byte, 32> log_key{};
  std::uint64_t secret_version = 0;
  bool operator==(const ContinuedFrom&) const = default;
};

codec::cbor::Value encode(const ServiceCreated& entry);
codec::cbor::Value encode(const GovernanceSet& entry);
codec::cbor::Value encode(const NodeStarted& entry);
codec::cbor::Value encode(const ProtocolVersion& entry);
codec::cbor::Value encode(const ProposalAccepted& entry);
codec::cbor::Value encode(const KeyCreated& entry);
codec::cbor::Value encode(const KeyReleased& entry);
codec::cbor::Value encode(const SnapshotTaken& entry);
codec::cbor::Value encode(const GovernanceRequest& entry);
codec::cbor::Value encode(const ProposalApplied& entry);
codec::cbor::Value encode(const IssuerKeysRefreshed& entry);
codec::cbor::Value encode(const SharesDealt& entry);
codec::cbor::Value encode(const LedgerRekeyed& entry);
codec::cbor::Value encode(const CertificateRenewed& entry);
codec::cbor::Value encode(const ServiceKeyRotated& entry);
codec::cbor::Value encode(const LogKeyRotated& entry);
codec::cbor::Value encode(const ServiceRecovered& entry);
codec::cbor::Value encode(const SecretsHandedOff& entry);
codec::cbor::Value encode(const ContinuedFrom& entry);

// malformed: names kind and member.
Result<ServiceCreated> decode_service_created(const codec::cbor::Value& public_part);
Result<GovernanceSet> decode_governance_set(const codec::cbor::Value& public_part);
Result<NodeStarted> decode_node_started(const codec::cbor::Value& public_part);
Result<ProtocolVersion> decode_protocol_version(const codec::cbor::Value& public_part);
Result<ProposalAccepted> decode_proposal_accepted(const codec::cbor::Value& public_part);
Result<KeyCreated> decode_key_created(const codec::cbor::Value& public_part);
Result<KeyReleased> decode_key_released(const codec::cbor::Value& public_part);
Result<SnapshotTaken> decode_snapshot_taken(const codec::cbor::Value& public_part);
// `kind` is one of 10 to 14, and names the entry in messages.
Result<GovernanceRequest> decode_governance_request(Kind kind,
                                                    const codec::cbor::Value& public_part);
Result<ProposalApplied> decode_proposal_applied(const codec::cbor::Value& public_part);
Result<IssuerKeysRefreshed> decode_issuer_keys_refreshed(const codec::cbor::Value& public_part);
Result<SharesDealt> decode_shares_dealt(const codec::cbor::Value& public_part);
Result<LedgerRekeyed> decode_ledger_rekeyed(const codec::cbor::Value& public_part);
Result<CertificateRenewed> decode_certificate_renewed(const codec::cbor::Value& public_part);
Result<ServiceKeyRotated> decode_service_key_rotated(const codec::cbor::Value& public_part);
Result<LogKeyRotated> decode_log_key_rotated(const codec::cbor::Value& public_part);
Result<ServiceRecovered> decode_service_recovered(const codec::cbor::Value& public_part);
Result<SecretsHandedOff> decode_secrets_handed_off(const codec::cbor::Value& public_part);
Result<ContinuedFrom> decode_continued_from(const codec::cbor::Value& public_part);

}  // namespace vitrine::ledger
