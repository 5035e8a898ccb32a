// A member's recovery share, as the commands of `vitrine member share` get it.
#pragma once

#include "base/secret.h"
#include "cli/governance_commands.h"
#include "client/governance/api.h"

namespace vitrine::cli {

// The share in the clear, 66 bytes (docs/formats/recovery.md). denied: it is encrypted to another
// key.
Result<SecretBytes> decrypt_share(ByteView encrypted, const ShareOptions& options);

struct EncryptedShare {
  Bytes encrypted;
  std::uint64_t deal = 0;  // sequence number of the shares_dealt entry; 0 where it is not said
};
// From the service's answer, also a saved one.
Result<EncryptedShare> encrypted_share_from(const codec::json::Object& answer);

}  // namespace vitrine::cli
