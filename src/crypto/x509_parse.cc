#include "crypto/x509_parse.h"

#include "codec/der.h"
#include "crypto/x509_time.h"

namespace vitrine::crypto {
namespace {

namespace der = codec::der;

constexpr Byte kVersionTag = 0xa0, kExtensionsTag = 0xa3;

// v1 carries no field; v2 exists for unique identifiers, which nobody uses.
Result<std::int64_t> read_version(der::Reader& reader) {
  if (reader.peek() != kVersionTag) return 1;
  VITRINE_TRY(const auto field, reader.next(kVersionTag));
  der::Reader inner(field.content);
  VITRINE_TRY(const auto element, inner.next(der::kInteger));
  VITRINE_CHECK(inner.finish());
  VITRINE_TRY(const auto version, der::to_integer(element));
  if (version != 2) return malformed("version is neither v1 nor v3");
  return 3;
}

// AMD's is 0, and some are longer than the 20 octets of RFC 5280; only its form is checked.
Status check_serial(const der::Element& serial) {
  const ByteView content = serial.content;
  const bool padded = content.size() > 1 && ((content[0] == 0x00 && content[1] < 0x80) ||
                                             (content[0] == 0xff && content[1] >= 0x80));
  if (content.empty() || padded || content.size() > 32) return malformed("serial number");
  return {};
}

Status read_validity(const der::Element& element, ParsedCertificate& out) {
  der::Reader reader(element.content);
  VITRINE_TRY(const auto before, reader.next());
  VITRINE_TRY(const auto after, reader.next());
  VITRINE_CHECK(reader.finish());
  VITRINE_TRY(out.not_before, parse_x509_time(before));
  VITRINE_TRY(out.not_after, parse_x509_time(after));
  return {};
}

Status read_extensions(der::Reader& reader, ParsedCertificate& out) {
  VITRINE_TRY(const auto field, reader.next(kExtensionsTag));
  der::Reader inner(field.content);
  VITRINE_TRY(const auto sequence, inner.next(der::kSequence));
  VITRINE_CHECK(inner.finish());
  VITRINE_TRY(out.extensions, parse_extensions(sequence.content));
  return {};
}

Status read_to_be_signed(ByteView content, ParsedCertificate& out) {
  der::Reader reader(content);
  VITRINE_TRY(const auto version, read_version(reader));
  VITRINE_TRY(const auto serial, reader.next(der::kInteger));
  VITRINE_CHECK(check_serial(serial));
  VITRINE_TRY(const auto algorithm, reader.next(der::kSequence));
  VITRINE_TRY(const auto issuer, reader.next(der::kSequence));
  VITRINE_TRY(const auto validity, reader.next(der::kSequence));
  VITRINE_TRY(const auto subject, reader.next(der::kSequence));
  VITRINE_TRY(const auto spki, reader.next(der::kSequence));
  VITRINE_CHECK(read_validity(validity, out));
  out.signature_algorithm = to_bytes(algorithm.whole);
  out.issuer = to_bytes(issuer.whole);
  out.subject = to_bytes(subject.whole);
  out.spki = to_bytes(spki.whole);
  if (version == 3 && !reader.at_end()) VITRINE_CHECK(read_extensions(reader, out));
  return reader.finish();
}

}  // namespace

Result<ParsedCertificate> parse_certificate(ByteView bytes) {
  der::Reader outer(bytes);
  VITRINE_TRY(const auto certificate, outer.next(der::kSequence));
  VITRINE_CHECK(outer.finish());
  der::Reader reader(certificate.content);
  VITRINE_TRY(const auto to_be_signed, reader.next(der::kSequence));
  VITRINE_TRY(const auto algorithm, reader.next(der::kSequence));
  VITRINE_TRY(const auto bits, reader.next(der::kBitString));
  VITRINE_CHECK(reader.finish());
  if (bits.content.empty() || bits.content.front() != 0) {
    return malformed("signature is a BIT STRING with unused bits");
  }
  ParsedCertificate out;
  VITRINE_CHECK(read_to_be_signed(to_be_signed.content, out));
  // The outer one is not signed, so it must say what the inner one says (RFC 5280 4.1.1.2).
  if (!same(algorithm.whole, out.signature_algorithm)) {
    return malformed("signature algorithm outside differs from the one that is signed");
  }
  out.to_be_signed = to_bytes(to_be_signed.whole);
  out.signature = to_bytes(bits.content.subspan(1));
  return out;
}

}  // namespace vitrine::crypto
