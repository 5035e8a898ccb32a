#include <algorithm>
#include <limits>

#include "codec/der.h"
#include "crypto/x509_parse.h"

namespace vitrine::crypto {
namespace {

namespace der = codec::der;

constexpr Byte kBoolean = 0x01;
constexpr std::size_t kExtensionsMax = 64;
constexpr std::string_view kSubjectAlternativeName = "2.5.29.17", kKeyUsage = "2.5.29.15",
                           kBasicConstraints = "2.5.29.19", kExtendedKeyUsage = "2.5.29.37";

// A BOOLEAN that may be absent, which is FALSE. Writing out FALSE is not DER, but certificates in
// the field do.
Result<bool> optional_boolean(der::Reader& reader) {
  if (reader.peek() != kBoolean) return false;
  VITRINE_TRY(const auto element, reader.next(kBoolean));
  if (same(element.content, Bytes{0xff})) return true;
  if (same(element.content, Bytes{0x00})) return false;
  return malformed("BOOLEAN is neither FF nor 00");
}

Status read_basic_constraints(ByteView value, ParsedExtensions& out) {
  der::Reader outer(value);
  VITRINE_TRY(const auto sequence, outer.next(der::kSequence));
  VITRINE_CHECK(outer.finish());
  der::Reader fields(sequence.content);
  VITRINE_TRY(const bool ca, optional_boolean(fields));
  out.ca = ca;
  if (!fields.at_end()) {
    VITRINE_TRY(const auto element, fields.next(der::kInteger));
    VITRINE_TRY(const auto length, der::to_integer(element));
    if (length > std::numeric_limits<int>::max()) return malformed("path length out of range");
    out.path_length = static_cast<int>(length);
  }
  return fields.finish();
}

// KeyUsage ::= BIT STRING; keyCertSign is bit 5, counted from the most significant.
Status read_key_usage(ByteView value, ParsedExtensions& out) {
  der::Reader outer(value);
  VITRINE_TRY(const auto bits, outer.next(der::kBitString));
  VITRINE_CHECK(outer.finish());
  if (bits.content.empty() || bits.content.front() > 7 || bits.content.size() > 3) {
    return malformed("not a BIT STRING of nine bits at most");
  }
  out.may_sign_certificates = bits.content.size() > 1 && (bits.content[1] & 0x04) != 0;
  return {};
}

Status read_extended_key_usage(ByteView value, ParsedExtensions& out) {
  der::Reader outer(value);
  VITRINE_TRY(const auto sequence, outer.next(der::kSequence));
  VITRINE_CHECK(outer.finish());
  for (der::Reader usages(sequence.content); !usages.at_end();) {
    VITRINE_TRY(const auto usage, usages.next(der::kOid));
    VITRINE_TRY(auto oid, der::to_oid(usage));
    out.extended_key_usages.push_back(std::move(oid));
  }
  return {};
}

Status interpret(const CertificateExtension& extension, ParsedExtensions& out) {
  if (extension.oid == kBasicConstraints) return read_basic_constraints(extension.value, out);
  if (extension.oid == kKeyUsage) return read_key_usage(extension.value, out);
  if (extension.oid == kExtendedKeyUsage) return read_extended_key_usage(extension.value, out);
  // Names other than the subject constrain no chain: who needs them asks for the extension.
  if (extension.critical && extension.oid != kSubjectAlternativeName) out.unknown_critical = true;
  return {};
}

Result<CertificateExtension> read_extension(const der::Element& element) {
  der::Reader fields(element.content);
  VITRINE_TRY(const auto type, fields.next(der::kOid));
  VITRINE_TRY(auto oid, der::to_oid(type));
  VITRINE_TRY(const bool critical, optional_boolean(fields));
  VITRINE_TRY(const auto value, fields.next(der::kOctetString));
  VITRINE_CHECK(fields.finish());
  return CertificateExtension{std::move(oid), critical, to_bytes(value.content)};
}

}  // namespace

Result<ParsedExtensions> parse_extensions(ByteView content) {
  ParsedExtensions out;
  for (der::Reader reader(content); !reader.at_end();) {
    VITRINE_TRY(const auto element, reader.next(der::kSequence));
    VITRINE_TRY(auto extension, read_extension(element));
    const auto twice = [&](const CertificateExtension& seen) { return seen.oid == extension.oid; };
    if (std::any_of(out.all.begin(), out.all.end(), twice)) {
      return malformed("extension " + extension.oid + " occurs twice");
    }
    if (out.all.size() == kExtensionsMax) return malformed("more than 64 extensions");
    if (auto read = interpret(extension, out); !read) {
      return in_context("extension " + extension.oid, std::move(read).error());
    }
    out.all.push_back(std::move(extension));
  }
  return out;
}

}  // namespace vitrine::crypto
