// What the process does for its own protection, and how it waits for signals.
#pragma once

#include <chrono>

#include "base/result.h"

namespace vitrine::vitrined {

// Before any secret exists: no core dumps, not dumpable, files readable by their owner alone,
// SIGPIPE ignored; SIGTERM, SIGINT and SIGHUP are blocked in every thread started later and taken
// by wait_for_signal().
Status protect_process();
// The number of the signal that came; 0 where none did in that time.
int wait_for_signal(std::chrono::milliseconds timeout);

}  // namespace vitrine::vitrined
