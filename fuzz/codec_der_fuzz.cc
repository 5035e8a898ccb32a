// Elements lie one after the other in the input, and each is what a minimal header and its content
// make; integers that are accepted encode back to their content.
#include <cstdint>

#include "base/assert.h"
#include "codec/der.h"

namespace der = vitrine::codec::der;
using vitrine::Byte;
using vitrine::Bytes;
using vitrine::ByteView;

namespace {

Bytes encoded(Byte tag, ByteView content) {
  Bytes out = {tag};
  if (content.size() < 0x80) {
    out.push_back(static_cast<Byte>(content.size()));
  } else {
    Bytes length;
    for (std::size_t rest = content.size(); rest > 0; rest >>= 8) {
      length.insert(length.begin(), static_cast<Byte>(rest));
    }
    out.push_back(static_cast<Byte>(0x80 | length.size()));
    vitrine::append(out, length);
  }
  vitrine::append(out, content);
  return out;
}

void check_integer(const der::Element& element) {
  const auto number = der::to_integer(element);
  if (!number) return;
  Bytes content;
  for (std::int64_t rest = *number; rest > 0; rest >>= 8) {
    content.insert(content.begin(), static_cast<Byte>(rest));
  }
  if (content.empty() || content[0] >= 0x80) content.insert(content.begin(), 0);
  VITRINE_ASSERT(vitrine::same(content, element.content));
}

void walk(ByteView bytes, std::size_t depth) {
  der::Reader reader(bytes);
  while (!reader.at_end()) {
    const auto tag = reader.peek();
    const auto element = reader.next();
    if (!element) return;
    VITRINE_ASSERT(tag == element->tag);
    VITRINE_ASSERT(vitrine::same(encoded(element->tag, element->content), element->whole));
    VITRINE_ASSERT(vitrine::same(element->whole, bytes.first(element->whole.size())));
    bytes = bytes.subspan(element->whole.size());
    check_integer(*element);
    if (const auto oid = der::to_oid(*element)) VITRINE_ASSERT(oid->find('.') != std::string::npos);
    if ((element->tag & 0x20) != 0 && depth < 32) walk(element->content, depth + 1);
  }
  VITRINE_ASSERT(reader.finish().has_value() && bytes.empty());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  walk({data, size}, 0);
  return 0;
}
