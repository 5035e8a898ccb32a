// The blob of service_recovered, and a member's request: nobody is a member here, so no share
// counts, signed or bare.
#include "base/assert.h"
#include "governance/recovery_request.h"
#include "ledger/recovery_share.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  static const governance::State state = [] {
    governance::State made;
    made.settings.unsafe_plaintext_shares = true;
    return made;
  }();
  const Digest zero;
  const governance::RecoveryTarget target{zero, zero, 1};
  const auto given = governance::read_given_shares(state, {data, size}, target);
  VITRINE_ASSERT(!given || given->empty());
  VITRINE_ASSERT(!governance::read_recovery_request(state, {data, size}, target));
  if (const auto share = ledger::decode_recovery_share({data, size})) {
    const SecretBytes again = ledger::encode(*share);
    VITRINE_ASSERT(equal_in_constant_time(again.reveal(), {data, size}));
  }
  return 0;
}
