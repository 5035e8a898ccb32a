// Transaction ids, commit evidence and tile paths from query strings and receipts: one spelling
// each.
#include "base/assert.h"
#include "ledger/leaf.h"
#include "ledger/seal.h"
#include "ledger/tile.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  const auto text = as_text({data, size});
  if (const auto id = ledger::transaction_id_from(text); id) {
    VITRINE_ASSERT(ledger::to_text(*id) == text);
    VITRINE_ASSERT(id->view > 0 && id->seqno > 0);
  }
  if (const auto id = ledger::transaction_id_in(text); id) {
    VITRINE_ASSERT(text.substr(0, text.size() - 64) == "ce:" + ledger::to_text(*id) + ":");
  }
  if (const auto path = ledger::tile_path_from(text); path) {
    VITRINE_ASSERT(ledger::to_text(*path) == text);
    VITRINE_ASSERT(path->width >= 1 && path->width <= 256 && path->level <= 63);
  }
  return 0;
}
