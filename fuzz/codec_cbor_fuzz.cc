// The deterministic reader accepts exactly what the writer emits; what the foreign reader accepts
// has a deterministic form, with the same value.
#include <cstdint>

#include "base/assert.h"
#include "codec/cbor.h"

namespace cbor = vitrine::codec::cbor;
using vitrine::ByteView;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView bytes(data, size);
  const auto strict = cbor::decode(bytes, cbor::Strictness::deterministic);
  const auto foreign = cbor::decode(bytes, cbor::Strictness::foreign);
  if (strict) {
    VITRINE_ASSERT(vitrine::same(cbor::encode(*strict), bytes));
    VITRINE_ASSERT(foreign && vitrine::same(cbor::encode(*foreign), bytes));
  }
  if (foreign) {
    const auto written = cbor::encode(*foreign);
    const auto again = cbor::decode(written, cbor::Strictness::deterministic);
    VITRINE_ASSERT(again && cbor::encode(*again) == written);
    VITRINE_ASSERT(strict || !vitrine::same(written, bytes));
  }
  return 0;
}
