// What the process does for its own protection, and how it waits for the word to stop.
#pragma once

#include "base/result.h"

namespace vitrine::vitrined {

// Before any secret exists: no core dumps, not dumpable, files readable by their owner alone,
// SIGPIPE ignored; SIGTERM and SIGINT are blocked in every thread started later and taken by
// wait_for_stop().
Status protect_process();
// Blocks until SIGTERM or SIGINT; gives its number.
int wait_for_stop();

}  // namespace vitrine::vitrined
