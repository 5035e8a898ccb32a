#include "crypto/spki.h"

#include <bit>
#include <string>

#include "base/limits.h"
#include "codec/der.h"
#include "crypto/curve.h"
#include "crypto/der_writer.h"

namespace vitrine::crypto {
namespace {

namespace der = codec::der;

std::size_t bit_length(ByteView magnitude) {
  return magnitude.empty()
             ? 0
             : magnitude.size() * 8 - static_cast<std::size_t>(std::countl_zero(magnitude.front()));
}

// BIT STRING that ends on an octet.
Result<ByteView> whole_octets(const der::Element& element) {
  if (element.content.empty() || element.content.front() != 0) {
    return malformed("public key: BIT STRING with unused bits");
  }
  return element.content.subspan(1);
}

Result<PublicKeyParts> parse_rsa(ByteView octets) {
  der::Reader outer(octets);
  VITRINE_TRY(const auto sequence, outer.next(der::kSequence));
  VITRINE_CHECK(outer.finish());
  der::Reader inner(sequence.content);
  VITRINE_TRY(const auto n, inner.next(der::kInteger));
  VITRINE_TRY(const auto e, inner.next(der::kInteger));
  VITRINE_CHECK(inner.finish());
  VITRINE_TRY(const auto modulus, unsigned_integer(n.content));
  VITRINE_TRY(const auto exponent, unsigned_integer(e.content));
  return PublicKeyParts{KeyKind::rsa, to_bytes(modulus), to_bytes(exponent), {}};
}

Result<KeyKind> parse_curve(const der::Element& oid) {
  for (const Curve& curve : kCurves) {
    if (same(oid.content, curve.oid)) return curve.kind;
  }
  return malformed("public key: curve is none of P-256, P-384, P-521");
}

}  // namespace

Result<ByteView> unsigned_integer(ByteView content) {
  if (content.empty() || (content.front() & 0x80) != 0) {
    return malformed("INTEGER is empty or negative");
  }
  if (content.size() == 1 || content.front() != 0) return content;
  if ((content[1] & 0x80) == 0) return malformed("INTEGER is not in its shortest form");
  return content.subspan(1);
}

Result<PublicKeyParts> parse_spki(ByteView bytes) {
  der::Reader outer(bytes);
  VITRINE_TRY(const auto sequence, outer.next(der::kSequence));
  VITRINE_CHECK(outer.finish());
  der::Reader inner(sequence.content);
  VITRINE_TRY(const auto algorithm, inner.next(der::kSequence));
  VITRINE_TRY(const auto bits, inner.next(der::kBitString));
  VITRINE_CHECK(inner.finish());
  VITRINE_TRY(const auto octets, whole_octets(bits));

  der::Reader identifier(algorithm.content);
  VITRINE_TRY(const auto oid, identifier.next(der::kOid));
  PublicKeyParts parts;
  if (same(oid.content, kOidRsa)) {
    VITRINE_TRY(const auto null, identifier.next(der::kNull));
    if (!null.content.empty()) return malformed("public key: parameters of RSA are not NULL");
    VITRINE_TRY(parts, parse_rsa(octets));
  } else if (same(oid.content, kOidEc)) {
    VITRINE_TRY(const auto curve, identifier.next(der::kOid));
    VITRINE_TRY(const auto kind, parse_curve(curve));
    parts.kind = kind;
    parts.point = to_bytes(octets);
  } else if (same(oid.content, kOidEd25519) || same(oid.content, kOidX25519)) {
    parts.kind = same(oid.content, kOidEd25519) ? KeyKind::ed25519 : KeyKind::x25519;
    parts.point = to_bytes(octets);
  } else {
    return malformed("public key: algorithm is none of RSA, EC, Ed25519, X25519");
  }
  VITRINE_CHECK(identifier.finish());
  VITRINE_CHECK(check_parts(parts));
  return parts;
}

Status check_parts(const PublicKeyParts& parts) {
  if (parts.kind == KeyKind::rsa) {
    const std::size_t bits = bit_length(parts.modulus);
    if (bits < limits::kRsaBitsMin || bits > limits::kRsaBitsMax) {
      return malformed("public key: RSA of " + std::to_string(bits) +
                       " bits; accepted are 2048 to 4096");
    }
    if ((parts.modulus.back() & 1) == 0) return malformed("public key: RSA modulus is even");
    if (parts.exponent.empty() || parts.exponent.size() > 4 || (parts.exponent.back() & 1) == 0 ||
        same(parts.exponent, Bytes{1})) {
      return malformed("public key: RSA exponent is even, below 3 or of 2^32 and more");
    }
    return {};
  }
  if (const Curve* const curve = find_curve(parts.kind)) {
    if (parts.point.size() != 1 + 2 * curve->field_bytes || parts.point.front() != 0x04) {
      return malformed(std::string("public key: not an uncompressed point of ") + curve->name);
    }
    return {};
  }
  if (parts.point.size() != 32) return malformed("public key: not 32 bytes");
  return {};
}

Bytes write_spki(const PublicKeyParts& parts) {
  Bytes buffer(parts.modulus.size() + parts.exponent.size() + parts.point.size() + 64);
  DerWriter writer(buffer);
  if (parts.kind == KeyKind::rsa) {
    writer.integer(parts.exponent);
    writer.integer(parts.modulus);
    writer.wrap(der::kSequence, 0);
  } else {
    writer.raw(parts.point);
  }
  const Byte no_unused_bits = 0;
  writer.raw(ByteView(&no_unused_bits, 1));
  writer.wrap(der::kBitString, 0);
  const std::size_t mark = writer.size();
  if (parts.kind == KeyKind::rsa) {
    writer.element(der::kNull, {});
    writer.element(der::kOid, kOidRsa);
  } else if (const Curve* const curve = find_curve(parts.kind)) {
    writer.element(der::kOid, curve->oid);
    writer.element(der::kOid, kOidEc);
  } else {
    writer.element(der::kOid, parts.kind == KeyKind::ed25519 ? kOidEd25519 : kOidX25519);
  }
  writer.wrap(der::kSequence, mark);
  writer.wrap(der::kSequence, 0);
  return to_bytes(writer.written());
}

}  // namespace vitrine::crypto
