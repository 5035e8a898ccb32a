// What lies beside a restored store: read whole or refused as malformed.
#include "base/assert.h"
#include "core/restore_marker.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  const auto marker = core::read_restore_marker({data, size});
  if (marker) VITRINE_ASSERT(marker->head.size >= 1 && !marker->origin.empty());
  if (!marker) VITRINE_ASSERT(marker.error().code == Code::malformed);
  return 0;
}
