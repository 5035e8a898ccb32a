#include "crypto/der_writer.h"

#include <algorithm>
#include <charconv>
#include <string>

#include "base/assert.h"
#include "codec/der.h"

namespace vitrine::crypto {

void DerWriter::raw(ByteView bytes) {
  VITRINE_ASSERT(bytes.size() <= at_);
  at_ -= bytes.size();
  std::copy(bytes.begin(), bytes.end(), buffer_.begin() + static_cast<std::ptrdiff_t>(at_));
}

void DerWriter::wrap(Byte tag, std::size_t mark) {
  std::size_t length = size() - mark;
  if (length < 0x80) {
    const Byte head[] = {tag, static_cast<Byte>(length)};
    raw(head);
    return;
  }
  std::size_t octets = 0;
  for (; length != 0; length >>= 8, ++octets) {
    const Byte octet = static_cast<Byte>(length & 0xff);
    raw(ByteView(&octet, 1));
  }
  const Byte head[] = {tag, static_cast<Byte>(0x80 | octets)};
  raw(head);
}

void DerWriter::element(Byte tag, ByteView content) {
  const std::size_t mark = size();
  raw(content);
  wrap(tag, mark);
}

void DerWriter::integer(ByteView magnitude) {
  while (!magnitude.empty() && magnitude.front() == 0) magnitude = magnitude.subspan(1);
  const std::size_t mark = size();
  raw(magnitude);
  if (magnitude.empty() || (magnitude.front() & 0x80) != 0) {
    const Byte zero = 0;
    raw(ByteView(&zero, 1));
  }
  wrap(codec::der::kInteger, mark);
}

Bytes der_element(Byte tag, std::initializer_list<ByteView> content) {
  Bytes joined;
  for (const ByteView part : content) append(joined, part);
  Bytes buffer(joined.size() + 6);
  DerWriter writer(buffer);
  writer.element(tag, joined);
  return to_bytes(writer.written());
}

namespace {

void append_arc(Bytes& out, std::uint64_t arc) {
  Byte groups[10];
  std::size_t count = 0;
  do {
    groups[count++] = static_cast<Byte>(arc & 0x7f);
    arc >>= 7;
  } while (arc != 0);
  while (count-- > 0) out.push_back(static_cast<Byte>(groups[count] | (count > 0 ? 0x80 : 0)));
}

}  // namespace

Result<Bytes> der_oid(std::string_view dotted) {
  const auto wrong = [&] {
    return malformed("\"" + std::string(dotted) + "\" is no object identifier");
  };
  std::vector<std::uint64_t> arcs;
  const char* at = dotted.data();
  const char* const end = at + dotted.size();
  while (true) {
    std::uint64_t arc = 0;
    const auto [next, error] = std::from_chars(at, end, arc);
    if (error != std::errc() || arc >= (std::uint64_t{1} << 62)) return wrong();
    if (next - at > 1 && *at == '0') return wrong();
    arcs.push_back(arc);
    if (next == end) break;
    if (*next != '.') return wrong();
    at = next + 1;
  }
  if (arcs.size() < 2 || arcs[0] > 2 || (arcs[0] < 2 && arcs[1] > 39)) return wrong();
  Bytes out;
  append_arc(out, arcs[0] * 40 + arcs[1]);
  for (std::size_t i = 2; i < arcs.size(); ++i) append_arc(out, arcs[i]);
  return out;
}

}  // namespace vitrine::crypto
