// A copy of a ledger's file at one instant, also while a service writes it.
#pragma once

#include <string>

#include "base/result.h"

namespace vitrine::storage::sqlite {

// Makes the new file `to` (mode 0600, durable when it returns) of what `from` holds in one read
// transaction, ended at its newest head: what no head covers is left out. conflict: `to` is there
// and not empty; not_found: `from` holds no head; others as open_read_only().
Status copy_up_to_head(const std::string& from, const std::string& to);

}  // namespace vitrine::storage::sqlite
