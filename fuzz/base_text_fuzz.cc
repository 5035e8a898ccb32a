// The readers of base64 and hex accept exactly what the writers write (hex in either case), and the
// reader for secrets agrees with the plain one.
#include <cstdint>

#include "base/assert.h"
#include "base/base64.h"
#include "base/clock.h"
#include "base/hex.h"
#include "base/text.h"

namespace vitrine {
namespace {

void check_base64(std::string_view text) {
  const auto plain = from_base64(text);
  const auto url = from_base64url(text);
  const auto lenient = from_base64_lenient(text);
  VITRINE_ASSERT(!plain || to_base64(*plain) == text);
  VITRINE_ASSERT(!url || to_base64url(*url) == text);
  VITRINE_ASSERT(!plain || (lenient && *lenient == *plain));
  VITRINE_ASSERT(!url || (lenient && *lenient == *url));
  const auto secret = secret_from_base64(text);
  VITRINE_ASSERT(secret.has_value() == plain.has_value());
  VITRINE_ASSERT(!secret || same(secret->reveal(), *plain));
}

void check_hex(std::string_view text) {
  const auto bytes = from_hex(text);
  if (!bytes) return;
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'F' ? static_cast<char>(c - 'A' + 'a') : c;
  VITRINE_ASSERT(to_hex(*bytes) == lower);
}

void check_readers(std::string_view text) {
  if (const auto number = parse_decimal(text)) VITRINE_ASSERT(std::to_string(*number) == text);
  if (const auto time = from_rfc3339(text)) {
    const std::string written = to_rfc3339(*time);
    VITRINE_ASSERT(to_rfc3339(from_rfc3339(written).value()) == written);
  }
  if (const auto decoded = percent_decode(text)) VITRINE_ASSERT(decoded->size() <= text.size());
}

void check_writers(ByteView bytes) {
  VITRINE_ASSERT(same(from_base64(to_base64(bytes)).value(), bytes));
  VITRINE_ASSERT(same(from_base64url(to_base64url(bytes)).value(), bytes));
  VITRINE_ASSERT(same(from_hex(to_hex(bytes)).value(), bytes));
}

}  // namespace
}  // namespace vitrine

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const vitrine::ByteView bytes(data, size);
  const std::string_view text = vitrine::as_text(bytes);
  vitrine::check_base64(text);
  vitrine::check_hex(text);
  vitrine::check_readers(text);
  vitrine::check_writers(bytes);
  return 0;
}
