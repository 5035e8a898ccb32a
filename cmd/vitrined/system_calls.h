// The seccomp filter: after the start the process may make the system calls that serving needs, and
// no others. What only an intruder would ask for ends the process; anything else that is not listed
// fails with EPERM. It holds for every thread, of now and later, and nothing can lift it.
#pragma once

#include "base/result.h"

namespace vitrine::vitrined {

// unavailable: the kernel has no filters, or this process may not set one.
Status confine_system_calls();

}  // namespace vitrine::vitrined
