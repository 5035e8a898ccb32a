// A start once it has the service's secrets, however it came by them: everything is checked, and
// what has to be said first is made ready.
#pragma once

#include <memory>
#include <vector>

#include "core/core.h"
#include "core/start.h"
#include "governance/recovery_request.h"

namespace vitrine::core {

// Members gave them, not the seal (core/waiting_node.h).
struct ByMembers {
  std::uint64_t deal = 0;                      // sequence number of the deal
  std::vector<governance::GivenShare> shares;  // members' ids ascending
};

struct Opening {
  ServiceSecrets secrets;
  SealingKey sealed_by;  // what they lie sealed by, or will
  std::optional<ByMembers> by_members = std::nullopt;
};

// As start_service(). Secrets that members gave are sealed once the entry that tells of it is
// durable. A folder that `vitrine restore` made goes on under a new log.
Result<std::unique_ptr<Core>> open_service(const Core::Parts& parts, const NodeOptions& options,
                                           Opening opening);

}  // namespace vitrine::core
