#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace vitrine {

void assertion_failed(const char* condition, const char* file, int line) {
  // Not through the log: its own invariants may be the ones that broke.
  std::fprintf(stderr, "vitrine: broken invariant: %s at %s:%d\n", condition, file, line);
  std::fflush(stderr);
  std::abort();
}

}  // namespace vitrine
