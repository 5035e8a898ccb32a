// What only a node that holds the secrets can do for those who govern it: new secrets, keys,
// certificates and deals of shares (docs/design/2026-11-24-governance.md, Duties). A vote demands
// it, the ledger keeps the duty, and an entry that names the vote's does it.
//
// What is new is sealed on disk before the entry that puts it in force, and dealt to the recovery
// members in the same batch, so a stop in between leaves either the old or the new, whole.
#pragma once

#include "core/core.h"

namespace vitrine::core {

// Does what is due by the newest state, in order: after each vote, after each start, and by the
// upkeep thread. What can't be done now stays due; the first error is returned, after the others
// were tried. unavailable: the node is unconfirmed, or disk or store fail. Safe from any thread.
Status discharge_duties(Core& core);

// The same key, a new service certificate, for as long as the members' limit allows: by the node's
// own timer, nobody has to demand it.
Result<Appended> renew_service_certificate(Core& core);

}  // namespace vitrine::core
