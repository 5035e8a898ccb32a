// The governance of a service in a few lines of `vitrine status`.
#pragma once

#include "cli/commands.h"
#include "client/service.h"

namespace vitrine::cli {

// Members, open proposals, recovery threshold, a freeze. Adds nothing where the service has no
// governance API; `document` gets it as "governance".
void add_governance_status(client::Service& service, const codec::json::Object& network,
                           Fields& fields, codec::json::Object& document);

}  // namespace vitrine::cli
