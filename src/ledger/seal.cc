#include "ledger/seal.h"

#include <fmt/format.h>

#include "base/assert.h"
#include "base/hex.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

namespace vitrine::ledger {

using codec::cbor::Value;

namespace {

constexpr std::string_view kSealLabel = "vitrine seal v1";
constexpr std::string_view kCommitEvidenceLabel = "vitrine commit evidence v1";
constexpr std::string_view kBatchLabel = "vitrine batch v1";
constexpr std::string_view kCallerLabel = "vitrine caller v1";

constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kCommitmentBytes = 32;
constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kHeadBytes = kSaltBytes + kCommitmentBytes;
// The key is used once, so the nonce may be constant (transparency.md 12).
constexpr std::array<Byte, crypto::kAeadNonceBytes> kZeroNonce{};

// AES-256-GCM key || key commitment, for one sealed part alone.
SecretBytes seal_keys(ByteView ledger_secret, const ServiceId& service, ByteView salt) {
  Bytes info = to_bytes(kSealLabel);
  append(info, service);
  return crypto::hkdf(crypto::Hash::sha256, salt, ledger_secret, info,
                      kKeyBytes + kCommitmentBytes);
}

Bytes seal_aad(const ServiceId& service, Kind kind, ByteView context) {
  return codec::cbor::encode(
      Value::array({Value::bytes(service), Value::uint(kLeafFormatVersion),
                    Value::uint(static_cast<std::uint64_t>(kind)), Value::bytes(context)}));
}

}  // namespace

void LedgerSecrets::add(std::uint64_t version, SecretBytes secret) {
  VITRINE_ASSERT(version > 0 && secret.size() == 32);
  secrets_.insert_or_assign(version, std::move(secret));
}

Status LedgerSecrets::put_in_force(std::uint64_t version) {
  VITRINE_TRY(const ByteView held, secret(version));
  static_cast<void>(held);
  in_force_ = version;
  return {};
}

std::uint64_t LedgerSecrets::current_version() const {
  return in_force_ != 0 ? in_force_ : highest_version();
}

std::uint64_t LedgerSecrets::highest_version() const {
  VITRINE_ASSERT(!secrets_.empty());
  return secrets_.rbegin()->first;
}

LedgerSecrets LedgerSecrets::clone() const {
  LedgerSecrets copy;
  for (const auto& [version, secret] : secrets_) copy.secrets_.emplace(version, secret.clone());
  copy.in_force_ = in_force_;
  return copy;
}

Result<ByteView> LedgerSecrets::secret(std::uint64_t version) const {
  const auto found = secrets_.find(version);
  if (found == secrets_.end()) {
    return not_found(fmt::format("ledger secret: this node has no version {}", version));
  }
  return found->second.reveal();
}

Bytes seal_under(ByteView secret, const ServiceId& service, Kind kind, ByteView context,
                 ByteView plaintext, Random& random) {
  const auto salt = random_array<kSaltBytes>(random);
  const SecretBytes keys = seal_keys(secret, service, salt);
  const Bytes ciphertext =
      crypto::aead_seal(crypto::Aead::aes256_gcm, keys.reveal().first(kKeyBytes), kZeroNonce,
                        seal_aad(service, kind, context), plaintext);
  Bytes stored;
  stored.reserve(kHeadBytes + ciphertext.size());
  append(stored, salt);
  append(stored, keys.reveal().subspan(kKeyBytes));
  append(stored, ciphertext);
  return stored;
}

Result<SecretBytes> open_under(ByteView secret, const ServiceId& service, Kind kind,
                               ByteView context, const SealedCommitment& commitment,
                               ByteView stored) {
  if (stored.size() != commitment.length || crypto::sha256(stored) != commitment.sha256) {
    return denied("sealed part: not the bytes that the entry commits to");
  }
  if (stored.size() < kHeadBytes + crypto::kAeadTagBytes) {
    return denied(fmt::format("sealed part: {} bytes are too few", stored.size()));
  }
  const SecretBytes keys = seal_keys(secret, service, stored.first(kSaltBytes));
  if (!equal_in_constant_time(keys.reveal().subspan(kKeyBytes),
                              stored.subspan(kSaltBytes, kCommitmentBytes))) {
    return denied("sealed part: key commitment differs: another ledger secret or another service");
  }
  auto opened =
      crypto::aead_open(crypto::Aead::aes256_gcm, keys.reveal().first(kKeyBytes), kZeroNonce,
                        seal_aad(service, kind, context), stored.subspan(kHeadBytes));
  if (!opened) return denied("sealed part: tag differs: another kind or context");
  return opened;
}

SealedPart seal(const LedgerSecrets& secrets, const ServiceId& service, Kind kind, ByteView context,
                ByteView plaintext, Random& random) {
  const std::uint64_t version = secrets.current_version();
  SealedPart sealed;
  sealed.stored = seal_under(*secrets.secret(version), service, kind, context, plaintext, random);
  sealed.commitment = {version, sealed.stored.size(), crypto::sha256(sealed.stored)};
  return sealed;
}

Result<SecretBytes> open(const LedgerSecrets& secrets, const ServiceId& service, Kind kind,
                         ByteView context, const SealedCommitment& commitment, ByteView stored) {
  VITRINE_TRY(const auto secret, secrets.secret(commitment.secret_version));
  return open_under(secret, service, kind, context, commitment, stored);
}

SecretBytes derived_key(ByteView ledger_secret, const ServiceId& service, std::string_view label) {
  return crypto::hkdf(crypto::Hash::sha256, service, ledger_secret, as_bytes(label), 32);
}

SecretBytes commit_evidence_key(ByteView ledger_secret, const ServiceId& service) {
  return derived_key(ledger_secret, service, kCommitEvidenceLabel);
}

std::string commit_evidence(ByteView commit_evidence_key, const TransactionId& id) {
  const std::string text = to_text(id);
  return "ce:" + text + ":" + to_hex(crypto::hmac_sha256(commit_evidence_key, as_bytes(text)));
}

std::string commit_evidence(ByteView ledger_secret, const ServiceId& service,
                            const TransactionId& id) {
  return commit_evidence(commit_evidence_key(ledger_secret, service).reveal(), id);
}

Result<TransactionId> transaction_id_in(std::string_view commit_evidence) {
  constexpr std::string_view kPrefix = "ce:";
  constexpr std::size_t kHexDigits = 64;
  const auto colon = commit_evidence.rfind(':');
  if (commit_evidence.substr(0, kPrefix.size()) == kPrefix && colon >= kPrefix.size() &&
      colon != std::string_view::npos) {
    const auto hex = commit_evidence.substr(colon + 1);
    const auto id =
        transaction_id_from(commit_evidence.substr(kPrefix.size(), colon - kPrefix.size()));
    if (id && hex.size() == kHexDigits &&
        hex.find_first_not_of("0123456789abcdef") == std::string_view::npos) {
      return *id;
    }
  }
  return malformed("commit evidence: not ce:VIEW.SEQNO:<64 lower-case hex digits>");
}

Digest batch_tag(ByteView ledger_secret, const ServiceId& service, const BatchTagInput& input) {
  const Bytes message = codec::cbor::encode(
      Value::array({Value::bytes(service), to_cbor(input.before), to_cbor(input.after),
                    Value::text(input.node_id), Value::bytes(input.boot_id)}));
  return crypto::hmac_sha256(derived_key(ledger_secret, service, kBatchLabel).reveal(), message);
}

Digest caller_hash(ByteView ledger_secret, const ServiceId& service, std::string_view caller) {
  return crypto::hmac_sha256(derived_key(ledger_secret, service, kCallerLabel).reveal(),
                             as_bytes(caller));
}

}  // namespace vitrine::ledger
