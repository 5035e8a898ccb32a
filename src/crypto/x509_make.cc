// Making the few certificates a service needs, and those of the simulated attester.
#include <arpa/inet.h>

#include <chrono>

#include "base/random.h"
#include "codec/der.h"
#include "crypto/der_writer.h"
#include "crypto/x509.h"
#include "crypto/x509_algorithm.h"
#include "crypto/x509_name.h"
#include "crypto/x509_time.h"

namespace vitrine::crypto {
namespace {

namespace der = codec::der;

constexpr Byte kBoolean = 0x01, kTrue = 0xff;
constexpr Byte kDnsNameTag = 0x82, kIpAddressTag = 0x87, kKeyIdTag = 0x80;
constexpr std::size_t kCommonNameBytesMax = 64;  // RFC 5280 A.1, ub-common-name
constexpr std::size_t kKeyIdBytes = 20;
constexpr std::string_view kSubjectKeyId = "2.5.29.14";

Result<Bytes> oid_element(std::string_view dotted) {
  VITRINE_TRY(const auto content, der_oid(dotted));
  return der_element(der::kOid, {content});
}

Status add_extension(Bytes& to, std::string_view oid, bool critical, ByteView value) {
  VITRINE_TRY(const auto type, oid_element(oid));
  const Bytes flag = critical ? der_element(kBoolean, {ByteView(&kTrue, 1)}) : Bytes();
  append(to, der_element(der::kSequence, {type, flag, der_element(der::kOctetString, {value})}));
  return {};
}

// RFC 7093 2, method 1: the first 160 bits of SHA-256 of the public key's bits. The key stands last
// in SubjectPublicKeyInfo; hashing all of it identifies the key as well.
Bytes key_id_of(const PublicKey& key) {
  return to_bytes(ByteView(key.spki_sha256()).first(kKeyIdBytes));
}

Result<Bytes> address_octets(const std::string& text) {
  Bytes octets(16);
  if (inet_pton(AF_INET, text.c_str(), octets.data()) == 1) {
    octets.resize(4);
    return octets;
  }
  if (inet_pton(AF_INET6, text.c_str(), octets.data()) == 1) return octets;
  return malformed("certificate: \"" + text + "\" is no IP address");
}

Status add_alternatives(Bytes& to, const SubjectAlternatives& alternatives) {
  Bytes names;
  for (const std::string& name : alternatives.dns_names) {
    append(names, der_element(kDnsNameTag, {as_bytes(name)}));
  }
  for (const std::string& address : alternatives.ip_addresses) {
    VITRINE_TRY(const auto octets, address_octets(address));
    append(names, der_element(kIpAddressTag, {octets}));
  }
  if (names.empty()) return {};
  return add_extension(to, "2.5.29.17", false, der_element(der::kSequence, {names}));
}

Status add_constraints(Bytes& to, const CertificateRequest& request) {
  if (!request.ca) {
    VITRINE_CHECK(add_extension(to, "2.5.29.19", true, der_element(der::kSequence, {})));
  } else {
    Bytes fields = der_element(kBoolean, {ByteView(&kTrue, 1)});
    if (request.path_length) {
      const Byte length = static_cast<Byte>(*request.path_length);
      append(fields, der_element(der::kInteger, {ByteView(&length, 1)}));
    }
    VITRINE_CHECK(add_extension(to, "2.5.29.19", true, der_element(der::kSequence, {fields})));
  }
  // Bits 0 digitalSignature, 5 keyCertSign, 6 cRLSign; the first octet counts the unused bits.
  const Byte ca_bits[] = {0x01, 0x86}, leaf_bits[] = {0x07, 0x80};
  return add_extension(to, "2.5.29.15", true,
                       der_element(der::kBitString, {request.ca ? ca_bits : leaf_bits}));
}

// What the issuer calls its key, in whatever way it was computed: validators match the two.
Result<Bytes> key_id_of_issuer(const Certificate& issuer) {
  VITRINE_TRY(const auto value, issuer.extension(kSubjectKeyId));
  if (!value) return key_id_of(issuer.public_key());
  der::Reader reader(*value);
  VITRINE_TRY(const auto id, reader.next(der::kOctetString));
  return to_bytes(id.content);
}

Status add_key_ids(Bytes& to, const PublicKey& subject_key, ByteView issuer_key_id) {
  const Bytes own = der_element(der::kOctetString, {key_id_of(subject_key)});
  VITRINE_CHECK(add_extension(to, kSubjectKeyId, false, own));
  const Bytes issuer = der_element(kKeyIdTag, {issuer_key_id});
  return add_extension(to, "2.5.29.35", false, der_element(der::kSequence, {issuer}));
}

Status add_extended_key_usages(Bytes& to, const std::vector<std::string>& usages) {
  if (usages.empty()) return {};
  Bytes list;
  for (const std::string& usage : usages) {
    VITRINE_TRY(const auto type, oid_element(usage));
    append(list, type);
  }
  return add_extension(to, "2.5.29.37", false, der_element(der::kSequence, {list}));
}

Result<Bytes> extensions_of(const CertificateRequest& request, const PublicKey& subject_key,
                            ByteView issuer_key_id) {
  Bytes list;
  if (!request.bare) {
    VITRINE_CHECK(add_constraints(list, request));
    VITRINE_CHECK(add_key_ids(list, subject_key, issuer_key_id));
  }
  VITRINE_CHECK(add_alternatives(list, request.alternatives));
  VITRINE_CHECK(add_extended_key_usages(list, request.extended_key_usages));
  for (const ExtraExtension& extra : request.extensions) {
    VITRINE_CHECK(add_extension(list, extra.oid, false, extra.value));
  }
  if (list.empty()) return list;
  return der_element(0xa3, {der_element(der::kSequence, {list})});
}

Status check_request(const CertificateRequest& request) {
  const std::string& name = request.common_name;
  if (name.empty() || name.size() > kCommonNameBytesMax) {
    return malformed("certificate: the common name has 1 to 64 bytes");
  }
  using std::chrono::floor;
  const auto year_of = [](Time time) {
    return static_cast<int>(std::chrono::year_month_day(floor<std::chrono::days>(time)).year());
  };
  if (request.not_after < request.not_before || year_of(request.not_before) < 1950 ||
      year_of(request.not_after) > 9999) {
    return malformed("certificate: the dates are out of order or out of range");
  }
  if (request.path_length &&
      (!request.ca || *request.path_length < 0 || *request.path_length > 127)) {
    return malformed("certificate: a path length is for a CA and from 0 to 127");
  }
  if (request.bare && request.ca) return malformed("certificate: a CA is never bare");
  return {};
}

// 127 random bits; the highest is clear, so that the number is positive, and the next is set, so
// that its form is the shortest.
Bytes serial_of(const CertificateRequest& request) {
  if (request.bare) return {0};  // as in a VCEK
  SystemRandom random;
  auto bytes = random_array<16>(random);
  bytes[0] = static_cast<Byte>((bytes[0] & 0x3f) | 0x40);
  return to_bytes(ByteView(bytes));
}

Result<SignatureAlgorithm> algorithm_for(const CertificateRequest& request, const PublicKey& key) {
  switch (key.kind()) {
    case KeyKind::rsa:
      return request.pss_sha384 ? SignatureAlgorithm::rsa_pss_sha384
                                : SignatureAlgorithm::rsa_pkcs1_sha256;
    case KeyKind::ed25519:
      return SignatureAlgorithm::ed25519;
    case KeyKind::x25519:
      return malformed("certificate: an X25519 key can't sign");
    default:
      return ecdsa_der_for(key.kind());
  }
}

Result<Certificate> make(const CertificateRequest& request, const PublicKey& subject_key,
                         ByteView issuer_name, ByteView issuer_key_id,
                         const PrivateKey& issuer_key) {
  VITRINE_CHECK(check_request(request));
  VITRINE_TRY(const auto algorithm, algorithm_for(request, issuer_key.public_key()));
  VITRINE_TRY(const auto extensions, extensions_of(request, subject_key, issuer_key_id));
  const Bytes identifier = write_certificate_algorithm(algorithm);
  const Byte v3[] = {0x02}, no_unused_bits[] = {0x00};
  const Bytes to_be_signed = der_element(
      der::kSequence, {der_element(0xa0, {der_element(der::kInteger, {v3})}),
                       der_element(der::kInteger, {serial_of(request)}), identifier, issuer_name,
                       der_element(der::kSequence, {write_x509_time(request.not_before),
                                                    write_x509_time(request.not_after)}),
                       write_name(request.common_name), subject_key.spki(), extensions});
  VITRINE_TRY(const auto signature, issuer_key.sign(algorithm, to_be_signed));
  return Certificate::from_der(der_element(
      der::kSequence,
      {to_be_signed, identifier, der_element(der::kBitString, {no_unused_bits, signature})}));
}

}  // namespace

Result<Certificate> make_self_signed(const CertificateRequest& request, const PrivateKey& key) {
  return make(request, key.public_key(), write_name(request.common_name),
              key_id_of(key.public_key()), key);
}

Result<Certificate> make_certificate(const CertificateRequest& request,
                                     const PublicKey& subject_key, const Certificate& issuer,
                                     const PrivateKey& issuer_key) {
  if (!(issuer.public_key() == issuer_key.public_key())) {
    return malformed(
        "certificate: the issuer's certificate is for another key than the one that signs");
  }
  VITRINE_TRY(const auto issuer_key_id, key_id_of_issuer(issuer));
  return make(request, subject_key, issuer.subject(), issuer_key_id, issuer_key);
}

}  // namespace vitrine::crypto
