// What the old log key signs to name the one after it (docs/formats/leaf.md, kind 21). Pure.
#pragma once

#include "ledger/leaf.h"

namespace vitrine::ledger {

// "vitrine log key v1" || service id || the new key, 32 raw bytes.
Bytes log_key_endorsement(const ServiceId& service, ByteView new_log_key);

}  // namespace vitrine::ledger
