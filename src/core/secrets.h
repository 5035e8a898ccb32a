// The service's secrets and how they lie on disk: sealed, by a key that a SealProvider holds
// (DESIGN.md 4, decision 8; docs/formats/service-secrets.md).
#pragma once

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
};

// Where the key that seals the secrets comes from. Kinds are governed.
class SealProvider {
 public:
  virtual ~SealProvider() = default;
  virtual std::string_view kind() const = 0;  // "file"
  // 32 bytes or more, the same at every start.
  virtual Result<SecretBytes> sealing_key() = 0;
};

Result<Bytes> seal_secrets(const ServiceSecrets& secrets, SealProvider& provider, Random& random);
// denied: another key, or the file was changed. malformed: not such a file.
Result<ServiceSecrets> unseal_secrets(ByteView stored, SealProvider& provider);

}  // namespace vitrine::core
