// Entry bundles, signed heads and tile paths come from whoever serves a log. A bundle is its
// entries and nothing else; a head and a path have one encoding.
#include "base/assert.h"
#include "ledger/signed_head.h"
#include "ledger/tile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  const ByteView bytes(data, size);
  for (std::uint64_t width = 0; width <= 8; ++width) {
    const auto entries = ledger::entries_in_bundle(bytes, width);
    if (!entries) continue;
    VITRINE_ASSERT(entries->size() == width);
    Bytes again;
    for (const ByteView entry : *entries) {
      if (entry.size() <= 0xffff) ledger::append_to_bundle(again, entry);
    }
    VITRINE_ASSERT(same(again, bytes));
  }
  if (const auto head = ledger::decode_signed_head(bytes))
    VITRINE_ASSERT(same(ledger::encode(*head), bytes));
  if (const auto path = ledger::tile_path_from(as_text(bytes)))
    VITRINE_ASSERT(ledger::to_text(*path) == as_text(bytes));
  return 0;
}
