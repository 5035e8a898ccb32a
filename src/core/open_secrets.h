// How a start comes by the service's secrets: the sealed ones that lie beside the store, or those
// that a hand-off left for it (docs/formats/service-secrets.md).
#pragma once

#include "core/node_files.h"
#include "core/secrets.h"

namespace vitrine::core {

// Where the node's secrets do not open by this seal, and next ones do, those take their place: this
// is the next version of the program, whose seal the old one's is not. The error is otherwise that
// of the node's own secrets, in the context of their file. not_found: there are none, or what
// guards their key has lost it.
Result<Unsealed> open_secrets(NodeFiles& files, SealProvider& seal);

}  // namespace vitrine::core
