// Receipts as a client gets them. What is read is written again to an equal receipt, and its root
// can be computed.
#include "base/assert.h"
#include "codec/json.h"
#include "ledger/receipt.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  const auto json = codec::json::parse_object(as_text({data, size}));
  if (!json) return 0;
  const auto receipt = ledger::Receipt::from_json(*json);
  if (!receipt) {
    VITRINE_ASSERT(receipt.error().code == Code::malformed);
    return 0;
  }
  for (const bool kms : {true, false}) {
    const auto again = ledger::Receipt::from_json(receipt->to_json(kms));
    VITRINE_ASSERT(again.has_value());
    VITRINE_ASSERT(codec::json::write(again->to_json(kms)) ==
                   codec::json::write(receipt->to_json(kms)));
    VITRINE_ASSERT(again->root() == receipt->root());
  }
  return 0;
}
