// A broken invariant is not an error: it ends the process, in release builds too. Input never trips
// one.
#pragma once

namespace vitrine {
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);
}

#define VITRINE_ASSERT(condition)         \
  (static_cast<bool>(condition) ? void(0) \
                                : ::vitrine::assertion_failed(#condition, __FILE__, __LINE__))
