// The folder common/ of development mode: throw-away members, users, token issuer and simulated
// attester. Secrets in the clear lie only here. What is there already is kept and registered as it
// is.
#pragma once

#include <string>

#include "core/own_evidence.h"
#include "core/start.h"

namespace vitrine::vitrined {

// Makes what is missing in `folder` and reads the genesis of development mode from it, under a
// preset of the constitution; empty: majority.
Result<core::Genesis> make_dev_genesis(const std::string& folder, const std::string& constitution,
                                       Time now);
// Evidence by the simulated attester in `folder`, for a program of that measurement (96 hex digits;
// empty: the attester's own). not_found, malformed: the attester's files are missing or damaged.
Result<core::Attest> dev_evidence(const std::string& folder, std::string_view measurement);

}  // namespace vitrine::vitrined
