// Members and users of a service that is being founded, in a genesis file and in development mode.
#pragma once

#include <optional>
#include <string>

#include "governance/state.h"

namespace vitrine::vitrined {

// Active at once. malformed: no certificate, a key that can't sign governance requests, or a member
// already.
Result<governance::Member*> add_member(governance::State& state,
                                       const std::string& certificate_path);
// Its id.
Result<std::string> add_user(governance::State& state, const std::string& certificate_path);

}  // namespace vitrine::vitrined
