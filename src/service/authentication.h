// Who calls: an endpoint's policies tried in order, then the KMS's own identity check
// (kms-api.md 1.4).
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "governance/authenticate.h"
#include "net/http.h"
#include "service/exchange.h"

namespace vitrine::service {

using CallerRef = std::shared_ptr<const governance::Caller>;

// The first policy that fits; or the framework's 401 with one detail per policy tried. `endpoint`
// names the governed list
// ("key"). An empty list lets anyone through: the caller is then nullptr.
tl::expected<CallerRef, net::Response> authenticate(const Exchange& exchange,
                                                    std::string_view endpoint);
// The KMS's own check, in the peers' statuses: 400, 401, 500.
tl::expected<void, net::Response> check_identity(const Exchange& exchange, const CallerRef& caller);

struct Detail {
  governance::AuthPolicy policy;
  std::string message;
};
// The 401 of the framework, exact shape; www-authenticate is that of the last policy.
net::Response unauthorized(const std::vector<Detail>& details);

}  // namespace vitrine::service
