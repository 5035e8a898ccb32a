// How a service fares that asks token issuers for their keys, in a few lines of `vitrine status`.
#pragma once

#include "cli/commands.h"
#include "client/service.h"

namespace vitrine::cli {

// A line on how many issuers are asked, and one for each that fails. Adds nothing where the service
// asks none or does not tell; `document` gets the service's answer as "issuers".
void add_issuer_status(client::Service& service, Fields& fields, codec::json::Object& document);

}  // namespace vitrine::cli
