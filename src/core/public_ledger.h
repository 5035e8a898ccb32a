// The ledger as anyone reads it, without the service's secrets: what a node that waits for recovery
// shares knows. Entries are folded and checked as far as that goes; who wrote them only the secrets
// tell, so nothing here is vouched for by more than the newest signed head.
#pragma once

#include <memory>
#include <optional>

#include "core/head.h"
#include "core/state.h"
#include "core/trees.h"
#include "storage/store.h"

namespace vitrine::core {

struct PublicLedger {
  State state;  // after the last entry
  std::shared_ptr<const TreePair> trees;
  std::optional<Head> signed_head;  // the newest that the store holds
};

// denied: names store, entry and reason.
Result<PublicLedger> read_public_ledger(const storage::Store& store, TilesOfStore& tiles);

}  // namespace vitrine::core
