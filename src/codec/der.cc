#include "codec/der.h"

#include <fmt/format.h>

namespace vitrine::codec::der {

namespace {

// The length after a tag; X.690 10.1: definite, in the fewest bytes. Four bytes of length are more
// than any input here can fill.
Result<std::size_t> read_length(ByteView& rest) {
  if (rest.empty()) return malformed("DER: no length");
  const Byte first = rest[0];
  rest = rest.subspan(1);
  if (first < 0x80) return first;
  const std::size_t bytes = first & 0x7fU;
  if (bytes == 0) return malformed("DER: an indefinite length");
  if (bytes > 4) return malformed(fmt::format("DER: a length of {} bytes", bytes));
  if (bytes > rest.size()) return malformed("DER: a length cut short");
  std::size_t length = 0;
  for (const Byte b : rest.first(bytes)) length = (length << 8) | b;
  rest = rest.subspan(bytes);
  const bool needed = length >= 0x80 && (length >> (8 * (bytes - 1))) != 0;
  if (!needed) return malformed("DER: a length longer than needed");
  return length;
}

}  // namespace

Result<Element> Reader::next() {
  if (rest_.empty()) return malformed("DER: no more elements");
  Element element;
  element.tag = rest_[0];
  // Tag numbers from 31 on take more bytes (X.690 8.1.2.4); none of our structures has one.
  if ((element.tag & 0x1f) == 0x1f) return malformed("DER: a tag of several bytes");
  ByteView after = rest_.subspan(1);
  VITRINE_TRY(const auto length, read_length(after));
  if (length > after.size()) {
    return malformed(fmt::format("DER: {} bytes wanted, {} left", length, after.size()));
  }
  element.content = after.first(length);
  element.whole = rest_.first(rest_.size() - after.size() + length);
  rest_ = after.subspan(length);
  return element;
}

Result<Element> Reader::next(Byte tag) {
  if (const auto found = peek(); found && *found != tag) {
    return malformed(fmt::format("DER: tag {:02x} wanted, {:02x} found", tag, *found));
  }
  return next();
}

std::optional<Byte> Reader::peek() const {
  if (rest_.empty()) return std::nullopt;
  return rest_[0];
}

Status Reader::finish() const {
  if (!rest_.empty()) return malformed(fmt::format("DER: {} bytes left over", rest_.size()));
  return {};
}

Result<std::int64_t> to_integer(const Element& element) {
  if (element.tag != kInteger) return malformed("DER: not an INTEGER");
  const ByteView content = element.content;
  if (content.empty()) return malformed("DER: an empty INTEGER");
  // X.690 8.3.2: the first nine bits are never all equal.
  const bool padded = content.size() > 1 && ((content[0] == 0x00 && content[1] < 0x80) ||
                                             (content[0] == 0xff && content[1] >= 0x80));
  if (padded) return malformed("DER: an INTEGER longer than needed");
  if (content[0] >= 0x80) return malformed("DER: a negative INTEGER");
  if (content.size() > 8) return malformed("DER: an INTEGER of more than 63 bits");
  std::int64_t value = 0;
  for (const Byte b : content) value = (value << 8) | b;
  return value;
}

Result<std::string> to_oid(const Element& element) {
  if (element.tag != kOid) return malformed("DER: not an OBJECT IDENTIFIER");
  const ByteView content = element.content;
  // X.690 8.19: base 128, high bit on all bytes of an arc but its last, no leading 0x80.
  if (content.empty() || (content.back() & 0x80) != 0) {
    return malformed("DER: an OBJECT IDENTIFIER cut short");
  }
  std::string out;
  std::uint64_t arc = 0;
  bool in_arc = false;
  for (const Byte b : content) {
    if (!in_arc && b == 0x80) return malformed("DER: an OBJECT IDENTIFIER longer than needed");
    if ((arc >> 56) != 0) return malformed("DER: an OBJECT IDENTIFIER with too large an arc");
    arc = (arc << 7) | (b & 0x7fU);
    in_arc = (b & 0x80) != 0;
    if (in_arc) continue;
    if (out.empty()) {
      // The first two arcs share a number: 40 * first + second, first at most 2.
      const std::uint64_t first = arc < 40 ? 0 : arc < 80 ? 1 : 2;
      out = fmt::format("{}.{}", first, arc - 40 * first);
    } else {
      out += fmt::format(".{}", arc);
    }
    arc = 0;
  }
  return out;
}

}  // namespace vitrine::codec::der
