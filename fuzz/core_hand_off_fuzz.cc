// What the two programs of a hand-off send each other: what is read is written to the same members.
#include "base/assert.h"
#include "core/hand_off_json.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace vitrine;
  const auto json = codec::json::parse(as_text({data, size}));
  if (!json) return 0;
  if (const auto offer = core::hand_off_offer_from_json(*json))
    VITRINE_ASSERT(core::hand_off_offer_from_json(core::to_json(*offer)).has_value());
  if (const auto request = core::hand_off_request_from_json(*json)) {
    const auto again = core::hand_off_request_from_json(core::to_json(*request));
    VITRINE_ASSERT(again && core::to_json(*again) == core::to_json(*request));
  }
  if (const auto handed_off = core::handed_off_from_json(*json)) {
    const auto again = core::handed_off_from_json(core::to_json(*handed_off));
    VITRINE_ASSERT(again && again->ciphertext == handed_off->ciphertext);
  }
  return 0;
}
