#include "ledger/recovery_share.h"

#include <algorithm>
#include <string>

#include "base/assert.h"
#include "codec/cbor.h"

namespace vitrine::ledger {
namespace {

constexpr Byte kFormatVersion = 1;
constexpr std::size_t kServiceAt = 2;
constexpr std::size_t kValueAt = kServiceAt + 32;
static_assert(kValueAt + kRecoveryKeyBytes == kRecoveryShareBytes);

}  // namespace

SecretBytes encode(const RecoveryShare& share) {
  VITRINE_ASSERT(share.share.value.size() == kRecoveryKeyBytes);
  SecretBytes out(kRecoveryShareBytes);
  const auto to = out.reveal_writable();
  to[0] = kFormatVersion;
  to[1] = share.share.index;
  std::copy(share.service.begin(), share.service.end(), to.begin() + kServiceAt);
  const ByteView value = share.share.value.reveal();
  std::copy(value.begin(), value.end(), to.begin() + kValueAt);
  return out;
}

Result<RecoveryShare> decode_recovery_share(ByteView bytes) {
  if (bytes.size() != kRecoveryShareBytes) {
    return malformed("recovery share: " + std::to_string(bytes.size()) + " bytes, not " +
                     std::to_string(kRecoveryShareBytes));
  }
  if (bytes[0] != kFormatVersion)
    return malformed("recovery share: its format is not known to this version");
  if (bytes[1] == 0 || bytes[1] > crypto::kSharesMax)
    return malformed("recovery share: its index is not one from 1 to 254");
  RecoveryShare share;
  share.share.index = bytes[1];
  const ByteView service = bytes.subspan(kServiceAt, share.service.size());
  std::copy(service.begin(), service.end(), share.service.begin());
  share.share.value = SecretBytes::copy_of(bytes.subspan(kValueAt));
  return share;
}

Bytes deal_context(const SharesDealt& deal) {
  using codec::cbor::Value;
  std::vector<Value> digests;
  for (const auto& share : deal.shares) digests.push_back(Value::bytes(share.digest));
  return codec::cbor::encode(
      Value::array({Value::uint(deal.threshold), Value::array(std::move(digests))}));
}

}  // namespace vitrine::ledger
