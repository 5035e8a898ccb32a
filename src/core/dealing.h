// Deals of recovery shares (docs/formats/recovery.md): the service's secrets under a key used once,
// the key split among the active recovery members.
#pragma once

#include <vector>

#include "core/secrets.h"
#include "core/sequencer.h"
#include "crypto/shamir.h"
#include "governance/custody.h"

namespace vitrine::core {

// The entry that deals `secrets` to the active recovery members of `newest`, as it is due there. A
// public-key operation for each of them and no more, so a Decide may call it. conflict: nobody
// demanded a deal, or there are too few members for the threshold.
Result<Draft> deal_shares(const ServiceSecrets& secrets, const State& newest, Random& random);

// What a deal holds. `stored`: its sealed part; `shares`: those of this very deal, as many as its
// threshold. denied: they do not open it. The node key is the caller's, as none is dealt.
Result<ServiceSecrets> open_deal(const governance::Deal& deal, ByteView stored,
                                 const std::vector<crypto::Share>& shares,
                                 const ledger::ServiceId& service,
                                 const crypto::PrivateKey& node_key);

}  // namespace vitrine::core
