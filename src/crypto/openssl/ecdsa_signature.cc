#include "crypto/openssl/ecdsa_signature.h"

#include <algorithm>
#include <array>

#include "codec/der.h"
#include "crypto/der_writer.h"
#include "crypto/openssl/ec.h"
#include "crypto/spki.h"

namespace vitrine::crypto::openssl {
namespace {

namespace der = codec::der;

constexpr std::size_t kScalarBytesMax = 66;

// Copies an INTEGER to the end of `out`, which is as wide as the curve's order.
Status take_scalar(der::Reader& reader, KeyKind curve, std::span<Byte> out) {
  VITRINE_TRY(const auto element, reader.next(der::kInteger));
  VITRINE_TRY(const auto magnitude, unsigned_integer(element.content));
  if (magnitude.size() > out.size()) return malformed("ECDSA signature: r or s out of range");
  std::copy(magnitude.begin(), magnitude.end(),
            out.end() - static_cast<std::ptrdiff_t>(magnitude.size()));
  if (!is_scalar(curve, out)) return malformed("ECDSA signature: r or s out of range");
  return {};
}

}  // namespace

Result<Bytes> ecdsa_raw_from_der(KeyKind curve, ByteView signature) {
  der::Reader outer(signature);
  VITRINE_TRY(const auto sequence, outer.next(der::kSequence));
  VITRINE_CHECK(outer.finish());
  const std::size_t width = curve_of(curve).field_bytes;
  Bytes raw(2 * width);
  const std::span<Byte> halves(raw);
  der::Reader reader(sequence.content);
  VITRINE_CHECK(take_scalar(reader, curve, halves.first(width)));
  VITRINE_CHECK(take_scalar(reader, curve, halves.last(width)));
  VITRINE_CHECK(reader.finish());
  return raw;
}

Status check_ecdsa_der(KeyKind curve, ByteView signature) {
  auto raw = ecdsa_raw_from_der(curve, signature);
  if (!raw) return in_context("ECDSA signature", std::move(raw).error());
  return {};
}

Result<Bytes> ecdsa_der_from_raw(KeyKind curve, ByteView raw) {
  const std::size_t width = curve_of(curve).field_bytes;
  if (raw.size() != 2 * width) {
    return malformed("ECDSA signature: " + std::to_string(raw.size()) + " bytes where r || s has " +
                     std::to_string(2 * width));
  }
  const ByteView r = raw.first(width), s = raw.last(width);
  if (!is_scalar(curve, r) || !is_scalar(curve, s)) {
    return malformed("ECDSA signature: r or s out of range");
  }
  std::array<Byte, 2 * (kScalarBytesMax + 3) + 4> buffer;
  DerWriter writer(buffer);
  writer.integer(s);
  writer.integer(r);
  writer.wrap(der::kSequence, 0);
  return to_bytes(writer.written());
}

}  // namespace vitrine::crypto::openssl
