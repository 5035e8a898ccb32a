// The newest head: one statement about both trees, signed twice. Never leaves the process, nor
// reaches its own disk, before its batch is confirmed (transparency.md 12).
#pragma once

#include "base/result.h"
#include "core/secrets.h"
#include "core/state.h"
#include "ledger/signed_head.h"

namespace vitrine::core {

using Head = ledger::SignedHead;

Result<Head> sign_head(const ledger::Roots& roots, const State& state,
                       const ServiceSecrets& secrets);
// Both signatures, and that both speak of `roots`. denied names what differs.
Status verify_head(const Head& head, const ledger::Roots& roots, const Service& service);

}  // namespace vitrine::core
