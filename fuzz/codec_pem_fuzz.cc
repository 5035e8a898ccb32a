// Accepted PEM is, line ends and blank lines apart, what the writer writes for its blocks.
#include <algorithm>
#include <cstdint>

#include "base/assert.h"
#include "codec/pem.h"

namespace pem = vitrine::codec::pem;

namespace {

// Without line ends; the writer's line breaks are the only ones possible.
std::string joined(std::string_view text) {
  std::string out(text);
  std::erase_if(out, [](char c) { return c == '\n' || c == '\r'; });
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = vitrine::as_text({data, size});
  const auto blocks = pem::decode(text);
  if (!blocks) return 0;
  std::string written;
  for (const pem::Block& block : *blocks) {
    const std::string one = pem::encode(block.label, block.der);
    VITRINE_ASSERT(pem::decode_one(one, block.label).value() == block.der);
    VITRINE_ASSERT(
        vitrine::same(pem::decode_one_secret(one, block.label).value().reveal(), block.der));
    written += one;
  }
  VITRINE_ASSERT(joined(written) == joined(text));
  return 0;
}
