// Leaves come from a disk that nobody needs to trust. What is accepted has one encoding, and both
// leaf hashes exist for it.
#include "base/assert.h"
#include "base/limits.h"
#include "ledger/leaf.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  const ByteView bytes(data, size);
  const auto leaf = ledger::decode_leaf(bytes);
  if (!leaf) {
    VITRINE_ASSERT(leaf.error().code == Code::malformed && !leaf.error().message.empty());
    return 0;
  }
  VITRINE_ASSERT(size <= limits::kLeafBytesMax);
  VITRINE_ASSERT(same(ledger::encode(*leaf), bytes));
  VITRINE_ASSERT(!ledger::name_of(leaf->kind).empty());
  VITRINE_ASSERT(ledger::rfc9162_leaf_hash(bytes) != ledger::ccf_leaf_hash(bytes, *leaf));
  return 0;
}
