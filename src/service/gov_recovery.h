// What a running node and one that waits for recovery shares have in common of /gov/recovery
// (ccf.md 3, 4; docs/formats/recovery.md).
#pragma once

#include <string_view>

#include "core/state.h"
#include "net/http.h"

namespace vitrine::service {

// A member's share of the newest deal: `encryptedShare`, and `deal`, the sequence number of its
// entry. `classic`: its other names.
net::Response encrypted_share_answer(const core::State& state, std::string_view member,
                                     bool classic);
// Why a share was not taken.
net::Response share_refused(const Error& error);

}  // namespace vitrine::service
