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

using Authenticated = tl::expected<CallerRef, net::Response>;

// The first policy that fits; or the framework's 401 with one detail per policy tried. `endpoint`
// names the governed list ("key"). An empty list lets anyone through: the caller is then nullptr.
Authenticated authenticate(const Exchange& exchange, std::string_view endpoint);
// The same, where it takes no signature and no reading of a token; nullopt where it would.
std::optional<Authenticated> recognise(const Exchange& exchange, std::string_view endpoint);
// The KMS's own check of the exchange's caller, in the peers' statuses: 400, 401, 500.
tl::expected<void, net::Response> check_identity(const Exchange& exchange);

// Whether the caller of a release would be admitted by `view` as well, which governance may have
// moved to since.
bool still_admitted(const Exchange& exchange, const std::shared_ptr<const core::View>& view);

struct Detail {
  governance::AuthPolicy policy;
  std::string message;
};
// The 401 of the framework, exact shape; www-authenticate is that of the last policy.
net::Response unauthorized(const std::vector<Detail>& details);

}  // namespace vitrine::service
