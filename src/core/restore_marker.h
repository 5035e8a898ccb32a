// What `vitrine restore` leaves beside the store (docs/formats/backup.md): the operator's word that
// this folder came from a backup, so that the log goes on under another name. Pure.
#pragma once

#include <string>

#include "base/result.h"
#include "ledger/leaf.h"

namespace vitrine::core {

inline constexpr std::size_t kRestoreMarkerBytesMax = 1'048'576;

struct RestoreMarker {
  std::string origin;  // the entries were written under
  ledger::Roots head;  // of all of them
};

// malformed: names the member.
Result<RestoreMarker> read_restore_marker(ByteView json);

}  // namespace vitrine::core
