// The attester's side of a release (kms-api.md 10.1): a wrapping key that evidence binds, the
// request, and the private key out of the answer.
#pragma once

#include <array>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "client/seal.h"
#include "client/service.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "ledger/receipt.h"

namespace vitrine::client {

struct WrappingKey {
  std::string public_pem;  // exactly as sent; its hash is in the report data
  crypto::PrivateKey key;
};
// RSA-4096; takes seconds.
Result<WrappingKey> make_wrapping_key();
// SHA-256 of the PEM text, then 32 zero bytes (kms-api.md 6.4).
std::array<Byte, 64> report_data_for(std::string_view public_pem);

struct Released {
  std::string kid;
  SecretBytes file;  // as the service wrapped it: JWK text, or binary Tink keyset
  PrivateKey key;
  std::string release_transaction_id;
  std::optional<ledger::VerifiedReceipt> receipt;  // of the key's own entry, when verified
};

// Undoes the wrap (kms-api.md 5.3). denied: the wrapping key does not open it.
Result<Released> unwrap_released(const UnwrapAnswer& answer, const WrappingKey& wrapping_key,
                                 KeyFormat format);

struct ReleaseOrder {
  codec::json::Object attestation;
  std::string kid;  // empty: the newest key, asked for with /app/key
  KeyFormat format = KeyFormat::jwk;
};
// Asks, unwraps, and, where a service certificate is pinned, proves by the key's receipt that the
// private key received is the one whose public half the ledger holds.
Result<Released> release(Service& service, const ReleaseOrder& order,
                         const WrappingKey& wrapping_key,
                         const std::optional<crypto::Certificate>& service_certificate);

}  // namespace vitrine::client
