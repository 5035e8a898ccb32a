// The service's secrets and how they lie on disk: sealed, by a key that a SealProvider holds
// (DESIGN.md 4, decision 8; docs/formats/service-secrets.md).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "crypto/key.h"
#include "ledger/seal.h"

namespace vitrine::core {

struct ServiceSecrets {
  ledger::ServiceId service_id{};
  crypto::PrivateKey service_key;  // its certificate is what clients pin
  crypto::PrivateKey log_key;      // Ed25519
  crypto::PrivateKey node_key;     // TLS and CCF roots
  ledger::LedgerSecrets ledger;
  // Made and kept before the entry that puts them in force (core/duties.h).
  std::optional<crypto::PrivateKey> next_service_key = std::nullopt;
  std::optional<crypto::PrivateKey> next_log_key = std::nullopt;

  ServiceSecrets clone() const;
  // The one of those held whose public half this is. not_found: none is.
  Result<crypto::PrivateKey> service_key_of(const crypto::PublicKey& key) const;
  Result<crypto::PrivateKey> log_key_of(const crypto::PublicKey& key) const;
};

// The plaintext of docs/formats/service-secrets.md. Without the node key: for recovery shares,
// since whoever recovers is another node.
SecretBytes pack_secrets(const ServiceSecrets& secrets, bool with_node_key);
// `node_key`: what to take where none is packed. malformed: not such a plaintext, or no node key.
Result<ServiceSecrets> unpack_secrets(ByteView packed, const ledger::ServiceId& service,
                                      const std::optional<crypto::PrivateKey>& node_key);

// A sealing key as a running node holds it. It was taken once, while the process could still reach
// its TPM or token; sealing again needs neither, so a confined process can.
struct SealingKey {
  std::string kind;
  SecretBytes key;  // 32 bytes or more
  Bytes object;  // what the kind needs to give the key again, kept beside the secrets; may be empty
};

// Where the key that seals the secrets comes from. Kinds are governed.
class SealProvider {
 public:
  virtual ~SealProvider() = default;
  virtual std::string_view kind() const = 0;  // "file"
  // For a new service, or for secrets that were recovered or handed on.
  virtual Result<SealingKey> make(Random& random) = 0;
  // The key that was made with `object`, at a later start. denied: what guards the key refuses.
  // not_found: it is lost. unavailable: what guards it can't be reached.
  virtual Result<SecretBytes> open(ByteView object) = 0;
};

struct Unsealed {
  ServiceSecrets secrets;
  SealingKey sealed_by;
};

Result<Bytes> seal_secrets(const ServiceSecrets& secrets, const SealingKey& seal, Random& random);
// denied: another key, or the file was changed. malformed: not such a file. Otherwise as open().
Result<Unsealed> unseal_secrets(ByteView stored, SealProvider& provider);

}  // namespace vitrine::core
