// A member's recovery share in the clear, and what a deal of shares seals its secrets with
// (docs/formats/recovery.md). Pure.
#pragma once

#include "base/result.h"
#include "base/secret.h"
#include "crypto/shamir.h"
#include "ledger/entries.h"
#include "ledger/leaf.h"

namespace vitrine::ledger {

inline constexpr std::size_t kRecoveryShareBytes = 66;
inline constexpr std::size_t kRecoveryKeyBytes = 32;

struct RecoveryShare {
  ServiceId service{};
  crypto::Share share;  // of the recovery key: index 1 to 254, 32 bytes
};

SecretBytes encode(const RecoveryShare& share);
// malformed: another size, format version or index.
Result<RecoveryShare> decode_recovery_share(ByteView bytes);

// The context of the sealed part of a deal: its threshold and the digest of each share, in order.
Bytes deal_context(const SharesDealt& deal);

}  // namespace vitrine::ledger
