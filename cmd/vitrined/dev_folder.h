// The folder common/ of development mode: throw-away members, users, token issuer and simulated
// attester. Secrets in the clear lie only here. What is there already is kept and registered as it
// is.
#pragma once

#include <string>

#include "core/start.h"

namespace vitrine::vitrined {

// Makes what is missing in `folder` and reads the genesis of development mode from it.
Result<core::Genesis> make_dev_genesis(const std::string& folder, Time now);

}  // namespace vitrine::vitrined
