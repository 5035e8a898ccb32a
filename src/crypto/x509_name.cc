#include "crypto/x509_name.h"

#include <fmt/format.h>

#include "base/hex.h"
#include "codec/der.h"
#include "crypto/der_writer.h"

namespace vitrine::crypto {
namespace {

namespace der = codec::der;

constexpr Byte kOidCommonName[] = {0x55, 0x04, 0x03};

// Short names of RFC 4514 and the one of RFC 2985 that certificates still carry.
std::string_view short_name_of(std::string_view oid) {
  constexpr std::pair<std::string_view, std::string_view> kNames[] = {
      {"2.5.4.3", "CN"},
      {"2.5.4.5", "serialNumber"},
      {"2.5.4.6", "C"},
      {"2.5.4.7", "L"},
      {"2.5.4.8", "ST"},
      {"2.5.4.10", "O"},
      {"2.5.4.11", "OU"},
      {"0.9.2342.19200300.100.1.25", "DC"},
      {"1.2.840.113549.1.9.1", "emailAddress"}};
  for (const auto& [known, name] : kNames) {
    if (known == oid) return name;
  }
  return oid;
}

bool is_text(Byte tag) {
  constexpr Byte kPrintable = 0x13, kTeletex = 0x14;
  return tag == der::kUtf8String || tag == der::kIa5String || tag == kPrintable || tag == kTeletex;
}

// Names end up in error messages: only printable ASCII passes, so that a line stays a line.
std::string printable(ByteView value) {
  std::string out;
  for (const Byte b : value) {
    const char c = static_cast<char>(b);
    if (b < 0x20 || b > 0x7e) {
      out += fmt::format("\\{:02x}", b);
    } else {
      if (std::string_view(",+\"\\<>;=").find(c) != std::string_view::npos) out += '\\';
      out += c;
    }
  }
  return out;
}

struct Seen {
  NameText name;
  int common_names = 0;
};

Status read_attribute(const der::Element& element, Seen& seen, std::string_view separator) {
  der::Reader reader(element.content);
  VITRINE_TRY(const auto type, reader.next(der::kOid));
  VITRINE_TRY(const auto value, reader.next());
  VITRINE_CHECK(reader.finish());
  VITRINE_TRY(const auto oid, der::to_oid(type));
  const std::string shown =
      is_text(value.tag) ? printable(value.content) : "#" + to_hex(value.whole);
  std::string part = fmt::format("{}={}", short_name_of(oid), shown);
  if (!seen.name.text.empty()) part.append(separator).append(seen.name.text);
  seen.name.text = std::move(part);
  if (same(type.content, kOidCommonName)) {
    const bool first = ++seen.common_names == 1 && is_text(value.tag);
    seen.name.common_name = first ? to_text(value.content) : std::string();
  }
  return {};
}

}  // namespace

// The most specific part comes last in the encoding and first in the text (RFC 4514 2.1).
Result<NameText> read_name(ByteView bytes) {
  der::Reader outer(bytes);
  VITRINE_TRY(const auto sequence, outer.next(der::kSequence));
  VITRINE_CHECK(outer.finish());
  Seen seen;
  for (der::Reader sets(sequence.content); !sets.at_end();) {
    VITRINE_TRY(const auto set, sets.next(der::kSet));
    if (set.content.empty()) return malformed("name with an empty SET");
    std::string_view separator = ", ";
    for (der::Reader attributes(set.content); !attributes.at_end();) {
      VITRINE_TRY(const auto attribute, attributes.next(der::kSequence));
      VITRINE_CHECK(read_attribute(attribute, seen, separator));
      separator = " + ";
    }
  }
  return std::move(seen.name);
}

Bytes write_name(std::string_view common_name) {
  const Bytes attribute =
      der_element(der::kSequence, {der_element(der::kOid, {kOidCommonName}),
                                   der_element(der::kUtf8String, {as_bytes(common_name)})});
  return der_element(der::kSequence, {der_element(der::kSet, {attribute})});
}

}  // namespace vitrine::crypto
