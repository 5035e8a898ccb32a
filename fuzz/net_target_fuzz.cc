// Targets: whatever is read stays inside the bounds, and written out again it reads the same.
#include <cstdint>
#include <string>

#include "base/assert.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "net/target.h"

namespace {

void append_encoded(std::string& out, std::string_view text) {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out.append({'%', kDigits[byte >> 4], kDigits[byte & 15]});
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto target = vitrine::net::parse_target(vitrine::as_text({data, size}));
  if (!target) return 0;
  VITRINE_ASSERT(!target->path.empty());
  VITRINE_ASSERT(target->query.size() <= vitrine::net::kQueryNamesMax);
  std::string text = target->path;
  for (const auto& [name, value] : target->query) {
    text += text.size() == target->path.size() ? '?' : '&';
    append_encoded(text, name);
    if (value) append_encoded(text += '=', *value);
    const auto found = target->find(name);
    VITRINE_ASSERT(found.has_value() == value.has_value() && (!value || *found == *value));
  }
  if (text.size() > vitrine::limits::kRequestTargetBytesMax) return 0;
  const auto again = vitrine::net::parse_target(text);
  VITRINE_ASSERT(again && again->path == target->path && again->query == target->query);
  return 0;
}
