// Ledger secrets and what is derived from them: the seal of an entry's private part, commit
// evidence, batch tags (transparency.md 12, decisions.md; docs/formats/seal.md). Pure but for the
// salt's randomness.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "ledger/leaf.h"

namespace vitrine::ledger {

// The ledger secret's versions. The one in force is what the ledger says it is; until told, the
// highest: a secret is kept before the entry that puts it in force.
class LedgerSecrets {
 public:
  void add(std::uint64_t version, SecretBytes secret);
  // not_found: no such version.
  Status put_in_force(std::uint64_t version);
  std::uint64_t current_version() const;  // in force
  std::uint64_t highest_version() const;
  LedgerSecrets clone() const;
  Result<ByteView> secret(std::uint64_t version) const;  // not_found
  const std::map<std::uint64_t, SecretBytes>& all() const { return secrets_; }

 private:
  std::map<std::uint64_t, SecretBytes> secrets_;
  std::uint64_t in_force_ = 0;  // 0: not told
};

struct SealedPart {
  Bytes stored;  // salt || key commitment || ciphertext || tag
  SealedCommitment commitment;
};
// `context`: fixed by kind, never by position (key_created: the public key bytes).
SealedPart seal(const LedgerSecrets& secrets, const ServiceId& service, Kind kind, ByteView context,
                ByteView plaintext, Random& random);
// denied: hash, key commitment or tag differ. not_found: no such secret version.
Result<SecretBytes> open(const LedgerSecrets& secrets, const ServiceId& service, Kind kind,
                         ByteView context, const SealedCommitment& commitment, ByteView stored);

// The same under 32 bytes that are no ledger secret.
Bytes seal_under(ByteView secret, const ServiceId& service, Kind kind, ByteView context,
                 ByteView plaintext, Random& random);
Result<SecretBytes> open_under(ByteView secret, const ServiceId& service, Kind kind,
                               ByteView context, const SealedCommitment& commitment,
                               ByteView stored);

// "ce:2.14:<64 hex>"
std::string commit_evidence(ByteView ledger_secret, const ServiceId& service,
                            const TransactionId& id);
// The same in two steps, for many entries under one secret.
SecretBytes commit_evidence_key(ByteView ledger_secret, const ServiceId& service);
std::string commit_evidence(ByteView commit_evidence_key, const TransactionId& id);
// The transaction id in it. malformed: not of that form.
Result<TransactionId> transaction_id_in(std::string_view commit_evidence);

struct BatchTagInput {
  Roots before;
  Roots after;
  std::string node_id;  // 64 hex digits
  BootId boot_id{};
};
// Names a caller to those who hold the ledger secret and to nobody else: a keyed hash, so that
// equal callers show as equal without being guessable.
Digest caller_hash(ByteView ledger_secret, const ServiceId& service, std::string_view caller);
// HKDF(secret, label) of decisions.md: HKDF-SHA256, salt = service id, info = the label, 32 bytes.
SecretBytes derived_key(ByteView ledger_secret, const ServiceId& service, std::string_view label);
Digest batch_tag(ByteView ledger_secret, const ServiceId& service, const BatchTagInput& input);

}  // namespace vitrine::ledger
