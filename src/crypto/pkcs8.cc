#include "crypto/pkcs8.h"

#include <algorithm>
#include <optional>

#include "codec/der.h"
#include "crypto/curve.h"
#include "crypto/der_writer.h"

namespace vitrine::crypto {
namespace {

namespace der = codec::der;

constexpr Byte kContext0 = 0xa0, kContext1 = 0xa1;

Status expect_version(der::Reader& reader, std::int64_t version) {
  VITRINE_TRY(const auto element, reader.next(der::kInteger));
  VITRINE_TRY(const auto found, der::to_integer(element));
  if (found != version) return malformed("private key: unknown version");
  return {};
}

Result<SecretBytes> secret_integer(der::Reader& reader) {
  VITRINE_TRY(const auto element, reader.next(der::kInteger));
  VITRINE_TRY(const auto magnitude, unsigned_integer(element.content));
  return SecretBytes::copy_of(magnitude);
}

Result<KeyKind> kind_of_curve(ByteView oid) {
  for (const Curve& curve : kCurves) {
    if (same(oid, curve.oid)) return curve.kind;
  }
  return malformed("private key: curve is none of P-256, P-384, P-521");
}

// The content of an explicit context tag that may be absent.
Result<std::optional<ByteView>> optional_field(der::Reader& reader, Byte tag) {
  if (reader.peek() != tag) return std::optional<ByteView>();
  VITRINE_TRY(const auto element, reader.next(tag));
  return std::optional<ByteView>(element.content);
}

// `outer` is the curve that PrivateKeyInfo names.
Result<PrivateKeyParts> parse_ec(ByteView octets, std::optional<KeyKind> outer) {
  der::Reader whole(octets);
  VITRINE_TRY(const auto sequence, whole.next(der::kSequence));
  VITRINE_CHECK(whole.finish());
  der::Reader reader(sequence.content);
  VITRINE_CHECK(expect_version(reader, 1));
  VITRINE_TRY(const auto scalar, reader.next(der::kOctetString));
  VITRINE_TRY(const auto named, optional_field(reader, kContext0));
  VITRINE_TRY(const auto point, optional_field(reader, kContext1));
  VITRINE_CHECK(reader.finish());
  std::optional<KeyKind> kind = outer;
  if (named) {
    der::Reader field(*named);
    VITRINE_TRY(const auto oid, field.next(der::kOid));
    VITRINE_CHECK(field.finish());
    VITRINE_TRY(kind, kind_of_curve(oid.content));
    if (outer && *outer != *kind) return malformed("private key: two different curves");
  }
  if (!kind) return malformed("private key: no curve named");
  PrivateKeyParts parts;
  parts.public_parts.kind = *kind;
  parts.scalar = SecretBytes::copy_of(scalar.content);
  if (point) {
    der::Reader field(*point);
    VITRINE_TRY(const auto bits, field.next(der::kBitString));
    VITRINE_CHECK(field.finish());
    if (bits.content.empty() || bits.content.front() != 0) {
      return malformed("private key: BIT STRING with unused bits");
    }
    parts.public_parts.point = to_bytes(bits.content.subspan(1));
  }
  return parts;
}

Result<PrivateKeyParts> parse_25519(ByteView octets, KeyKind kind) {
  der::Reader reader(octets);
  VITRINE_TRY(const auto raw, reader.next(der::kOctetString));
  VITRINE_CHECK(reader.finish());
  if (raw.content.size() != 32) return malformed("private key: not 32 bytes");
  PrivateKeyParts parts;
  parts.public_parts.kind = kind;
  parts.scalar = SecretBytes::copy_of(raw.content);
  return parts;
}

}  // namespace

Result<PrivateKeyParts> parse_pkcs8(ByteView bytes) {
  der::Reader whole(bytes);
  VITRINE_TRY(const auto sequence, whole.next(der::kSequence));
  VITRINE_CHECK(whole.finish());
  der::Reader reader(sequence.content);
  VITRINE_CHECK(expect_version(reader, 0));
  VITRINE_TRY(const auto algorithm, reader.next(der::kSequence));
  VITRINE_TRY(const auto octets, reader.next(der::kOctetString));
  VITRINE_TRY(const auto attributes, optional_field(reader, kContext0));
  VITRINE_CHECK(reader.finish());
  static_cast<void>(attributes);  // nothing in them concerns the key

  der::Reader identifier(algorithm.content);
  VITRINE_TRY(const auto oid, identifier.next(der::kOid));
  if (same(oid.content, kOidRsa)) {
    VITRINE_CHECK(identifier.next(der::kNull).map([](const auto&) {}));
    VITRINE_CHECK(identifier.finish());
    return parse_rsa_private_key(octets.content);
  }
  if (same(oid.content, kOidEc)) {
    VITRINE_TRY(const auto curve, identifier.next(der::kOid));
    VITRINE_CHECK(identifier.finish());
    VITRINE_TRY(const auto kind, kind_of_curve(curve.content));
    return parse_ec(octets.content, kind);
  }
  VITRINE_CHECK(identifier.finish());
  if (same(oid.content, kOidEd25519)) return parse_25519(octets.content, KeyKind::ed25519);
  if (same(oid.content, kOidX25519)) return parse_25519(octets.content, KeyKind::x25519);
  return malformed("private key: algorithm is none of RSA, EC, Ed25519, X25519");
}

Result<PrivateKeyParts> parse_ec_private_key(ByteView bytes) {
  return parse_ec(bytes, std::nullopt);
}

Result<PrivateKeyParts> parse_rsa_private_key(ByteView bytes) {
  der::Reader whole(bytes);
  VITRINE_TRY(const auto sequence, whole.next(der::kSequence));
  VITRINE_CHECK(whole.finish());
  der::Reader reader(sequence.content);
  VITRINE_CHECK(expect_version(reader, 0));
  PrivateKeyParts parts;
  VITRINE_TRY(const auto n, reader.next(der::kInteger));
  VITRINE_TRY(const auto modulus, unsigned_integer(n.content));
  VITRINE_TRY(const auto e, reader.next(der::kInteger));
  VITRINE_TRY(const auto exponent, unsigned_integer(e.content));
  parts.public_parts = {KeyKind::rsa, to_bytes(modulus), to_bytes(exponent), {}};
  VITRINE_TRY(parts.d, secret_integer(reader));
  VITRINE_TRY(parts.p, secret_integer(reader));
  VITRINE_TRY(parts.q, secret_integer(reader));
  VITRINE_TRY(parts.dp, secret_integer(reader));
  VITRINE_TRY(parts.dq, secret_integer(reader));
  VITRINE_TRY(parts.qinv, secret_integer(reader));
  VITRINE_CHECK(reader.finish());
  return parts;
}

namespace {

void write_rsa(DerWriter& writer, const PrivateKeyParts& parts) {
  for (const SecretBytes* const number :
       {&parts.qinv, &parts.dq, &parts.dp, &parts.q, &parts.p, &parts.d}) {
    writer.integer(number->reveal());
  }
  writer.integer(parts.public_parts.exponent);
  writer.integer(parts.public_parts.modulus);
  writer.integer({});
  writer.wrap(der::kSequence, 0);
}

void write_ec(DerWriter& writer, const PrivateKeyParts& parts) {
  const Byte no_unused_bits = 0, one = 1;
  writer.raw(parts.public_parts.point);
  writer.raw(ByteView(&no_unused_bits, 1));
  writer.wrap(der::kBitString, 0);
  writer.wrap(kContext1, 0);
  writer.element(der::kOctetString, parts.scalar.reveal());
  writer.integer(ByteView(&one, 1));
  writer.wrap(der::kSequence, 0);
}

void write_algorithm(DerWriter& writer, KeyKind kind) {
  const std::size_t mark = writer.size();
  if (kind == KeyKind::rsa) {
    writer.element(der::kNull, {});
    writer.element(der::kOid, kOidRsa);
  } else if (const Curve* const curve = find_curve(kind)) {
    writer.element(der::kOid, curve->oid);
    writer.element(der::kOid, kOidEc);
  } else {
    writer.element(der::kOid, kind == KeyKind::ed25519 ? kOidEd25519 : kOidX25519);
  }
  writer.wrap(der::kSequence, mark);
}

}  // namespace

SecretBytes write_pkcs8(const PrivateKeyParts& parts) {
  const PublicKeyParts& open = parts.public_parts;
  // An RSA private key is about four and a half times its modulus.
  SecretBytes buffer(5 * open.modulus.size() + open.point.size() + parts.scalar.size() + 128);
  DerWriter writer(buffer.reveal_writable());
  if (open.kind == KeyKind::rsa) {
    write_rsa(writer, parts);
  } else if (is_ec(open.kind)) {
    write_ec(writer, parts);
  } else {
    writer.element(der::kOctetString, parts.scalar.reveal());
  }
  writer.wrap(der::kOctetString, 0);
  write_algorithm(writer, open.kind);
  writer.integer({});
  writer.wrap(der::kSequence, 0);
  return SecretBytes::copy_of(writer.written());
}

}  // namespace vitrine::crypto
