#include "crypto/x509_algorithm.h"

#include <optional>
#include <string>
#include <string_view>

#include "base/assert.h"
#include "codec/der.h"
#include "crypto/der_writer.h"

namespace vitrine::crypto {
namespace {

namespace der = codec::der;
using enum SignatureAlgorithm;

constexpr std::string_view kPss = "1.2.840.113549.1.1.10";
constexpr std::string_view kMgf1 = "1.2.840.113549.1.1.8";

struct Row {
  SignatureAlgorithm algorithm;
  std::string_view oid;
  bool null_parameters;
};
constexpr Row kRows[] = {
    {rsa_pkcs1_sha256, "1.2.840.113549.1.1.11", true},
    {rsa_pkcs1_sha384, "1.2.840.113549.1.1.12", true},
    {rsa_pkcs1_sha512, "1.2.840.113549.1.1.13", true},
    {ecdsa_sha256_der, "1.2.840.10045.4.3.2", false},
    {ecdsa_sha384_der, "1.2.840.10045.4.3.3", false},
    {ecdsa_sha512_der, "1.2.840.10045.4.3.4", false},
    {SignatureAlgorithm::ed25519, "1.3.101.112", false},
};

struct HashRow {
  SignatureAlgorithm pss;
  std::string_view oid;
  std::int64_t size;
};
constexpr HashRow kHashes[] = {{rsa_pss_sha256, "2.16.840.1.101.3.4.2.1", 32},
                               {rsa_pss_sha384, "2.16.840.1.101.3.4.2.2", 48},
                               {rsa_pss_sha512, "2.16.840.1.101.3.4.2.3", 64}};

struct Identifier {
  std::string oid;
  ByteView parameters;  // empty if absent
};

Result<Identifier> read_identifier(ByteView bytes) {
  der::Reader outer(bytes);
  VITRINE_TRY(const auto sequence, outer.next(der::kSequence));
  VITRINE_CHECK(outer.finish());
  der::Reader inner(sequence.content);
  VITRINE_TRY(const auto type, inner.next(der::kOid));
  VITRINE_TRY(auto oid, der::to_oid(type));
  Identifier found{std::move(oid), {}};
  if (!inner.at_end()) {
    VITRINE_TRY(const auto parameters, inner.next());
    found.parameters = parameters.whole;
  }
  VITRINE_CHECK(inner.finish());
  return found;
}

bool null_or_absent(ByteView parameters) {
  constexpr Byte kNullElement[] = {der::kNull, 0x00};
  return parameters.empty() || same(parameters, kNullElement);
}

Result<HashRow> read_hash(ByteView bytes) {
  VITRINE_TRY(const auto identifier, read_identifier(bytes));
  for (const HashRow& row : kHashes) {
    if (row.oid == identifier.oid && null_or_absent(identifier.parameters)) return row;
  }
  return malformed("RSASSA-PSS: hash is none of SHA-256, SHA-384, SHA-512");
}

Result<std::int64_t> read_integer(ByteView bytes) {
  der::Reader reader(bytes);
  VITRINE_TRY(const auto element, reader.next(der::kInteger));
  VITRINE_CHECK(reader.finish());
  return der::to_integer(element);
}

// RFC 4055 3.1. The defaults (SHA-1, salt of 20) are not among ours, so the first three are needed.
Result<SignatureAlgorithm> read_pss(ByteView bytes) {
  der::Reader outer(bytes);
  VITRINE_TRY(const auto sequence, outer.next(der::kSequence));
  VITRINE_CHECK(outer.finish());
  der::Reader fields(sequence.content);
  VITRINE_TRY(const auto hash_field, fields.next(0xa0));
  VITRINE_TRY(const auto mask_field, fields.next(0xa1));
  VITRINE_TRY(const auto salt_field, fields.next(0xa2));
  VITRINE_TRY(const auto hash, read_hash(hash_field.content));
  VITRINE_TRY(const auto mask, read_identifier(mask_field.content));
  if (mask.oid != kMgf1) return malformed("RSASSA-PSS: mask function is not MGF1");
  VITRINE_TRY(const auto mask_hash, read_hash(mask.parameters));
  VITRINE_TRY(const auto salt, read_integer(salt_field.content));
  if (mask_hash.oid != hash.oid || salt != hash.size) {
    return malformed("RSASSA-PSS: MGF1 hash or salt length is not that of the hash");
  }
  if (!fields.at_end()) {
    // Writing out the default is not DER; AMD's roots and intermediates do.
    VITRINE_TRY(const auto trailer_field, fields.next(0xa3));
    VITRINE_TRY(const auto trailer, read_integer(trailer_field.content));
    if (trailer != 1) return malformed("RSASSA-PSS: unknown trailer field");
  }
  VITRINE_CHECK(fields.finish());
  return hash.pss;
}

Bytes oid_element(std::string_view dotted) {
  const auto content = der_oid(dotted);
  VITRINE_ASSERT(content.has_value());
  return der_element(der::kOid, {*content});
}

Bytes write_pss(const HashRow& row) {
  const Bytes null = der_element(der::kNull, {});
  const Bytes hash = der_element(der::kSequence, {oid_element(row.oid), null});
  const Bytes mask = der_element(der::kSequence, {oid_element(kMgf1), hash});
  const Byte salt = static_cast<Byte>(row.size);
  const Bytes parameters = der_element(
      der::kSequence, {der_element(0xa0, {hash}), der_element(0xa1, {mask}),
                       der_element(0xa2, {der_element(der::kInteger, {ByteView(&salt, 1)})})});
  return der_element(der::kSequence, {oid_element(kPss), parameters});
}

}  // namespace

Result<SignatureAlgorithm> parse_certificate_algorithm(ByteView bytes) {
  VITRINE_TRY(const auto identifier, read_identifier(bytes));
  if (identifier.oid == kPss) return read_pss(identifier.parameters);
  for (const Row& row : kRows) {
    if (row.oid != identifier.oid) continue;
    const bool fits =
        row.null_parameters ? null_or_absent(identifier.parameters) : identifier.parameters.empty();
    if (!fits) return malformed("signature algorithm " + identifier.oid + " with parameters");
    return row.algorithm;
  }
  return malformed("signature algorithm " + identifier.oid + " is not supported");
}

Bytes write_certificate_algorithm(SignatureAlgorithm algorithm) {
  for (const HashRow& row : kHashes) {
    if (row.pss == algorithm) return write_pss(row);
  }
  for (const Row& row : kRows) {
    if (row.algorithm != algorithm) continue;
    const Bytes parameters = row.null_parameters ? der_element(der::kNull, {}) : Bytes();
    return der_element(der::kSequence, {oid_element(row.oid), parameters});
  }
  VITRINE_ASSERT(!"an algorithm that certificates are not signed with");
  return {};
}

}  // namespace vitrine::crypto
