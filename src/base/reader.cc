#include "base/reader.h"

#include <fmt/format.h>

namespace vitrine {

namespace {

template <class Integer>
Result<Integer> read_le(Reader& reader) {
  VITRINE_TRY(const auto bytes, reader.take(sizeof(Integer)));
  std::uint64_t value = 0;
  for (std::size_t i = sizeof(Integer); i-- > 0;) value = (value << 8) | bytes[i];
  return static_cast<Integer>(value);
}

template <class Integer>
Result<Integer> read_be(Reader& reader) {
  VITRINE_TRY(const auto bytes, reader.take(sizeof(Integer)));
  std::uint64_t value = 0;
  for (const Byte b : bytes) value = (value << 8) | b;
  return static_cast<Integer>(value);
}

}  // namespace

Result<ByteView> Reader::take(std::size_t size) {
  if (size > rest_.size()) {
    return malformed(fmt::format("{} bytes wanted, {} left", size, rest_.size()));
  }
  const ByteView taken = rest_.first(size);
  rest_ = rest_.subspan(size);
  return taken;
}

Result<std::uint8_t> Reader::u8() { return read_be<std::uint8_t>(*this); }
Result<std::uint16_t> Reader::u16_le() { return read_le<std::uint16_t>(*this); }
Result<std::uint32_t> Reader::u32_le() { return read_le<std::uint32_t>(*this); }
Result<std::uint64_t> Reader::u64_le() { return read_le<std::uint64_t>(*this); }
Result<std::uint16_t> Reader::u16_be() { return read_be<std::uint16_t>(*this); }
Result<std::uint32_t> Reader::u32_be() { return read_be<std::uint32_t>(*this); }
Result<std::uint64_t> Reader::u64_be() { return read_be<std::uint64_t>(*this); }

Status Reader::finish() const {
  if (!rest_.empty()) return malformed(fmt::format("{} bytes left over", rest_.size()));
  return {};
}

}  // namespace vitrine
