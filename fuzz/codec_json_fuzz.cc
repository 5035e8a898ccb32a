// What the JSON reader accepts, the writer writes in a form that reads back as the same value and
// is written the same way again.
#include <cstdint>

#include "base/assert.h"
#include "base/text.h"
#include "codec/json.h"

namespace json = vitrine::codec::json;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = vitrine::as_text({data, size});
  const auto value = json::parse(text);
  if (!value) {
    VITRINE_ASSERT(value.error().code == vitrine::Code::malformed);
    return 0;
  }
  VITRINE_ASSERT(vitrine::is_utf8(text));
  const std::string written = json::write(*value);
  const auto again = json::parse(written);
  VITRINE_ASSERT(again && json::write(*again) == written);
  const auto pretty = json::parse(json::write_pretty(*value));
  VITRINE_ASSERT(pretty && json::write(*pretty) == written);
  return 0;
}
