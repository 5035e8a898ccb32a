// GET and POST /node/handoff: how the next version of the program gets the service's secrets
// (docs/design/2026-11-30-hand-off.md).
#pragma once

#include "base/random.h"
#include "service/router.h"

namespace vitrine::service {

// The routes keep the challenges of this process.
void add_hand_off_routes(Router& router, Random& random);

}  // namespace vitrine::service
