// Entries that a node appends before all others of its process.
#pragma once

#include <vector>

#include "core/secrets.h"
#include "core/sequencer.h"
#include "governance/recovery_request.h"

namespace vitrine::core {

using BootId = std::array<Byte, 16>;

Decide node_started(const ServiceSecrets& secrets, const crypto::Certificate& certificate,
                    const BootId& boot_id);
// A deal of `secrets`, which an entry before it demanded.
Decide first_deal(const ServiceSecrets& secrets, Random& random);
// The log after a restore, under the next log key and the highest ledger secret of `secrets`.
Decide continued_from(const ServiceSecrets& secrets, const ledger::Roots& old_head,
                      const std::string& old_origin);
// The members who gave their shares of deal `deal` to the node of `secrets`, ids ascending.
Decide service_recovered(const ServiceSecrets& secrets, std::uint64_t deal,
                         const std::vector<governance::GivenShare>& shares);

}  // namespace vitrine::core
