#include "crypto/x509.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/hex.h"
#include "crypto/x509_algorithm.h"
#include "crypto/x509_name.h"
#include "crypto/x509_time.h"

namespace vitrine::crypto {
namespace {

constexpr std::int64_t kDayMs = 86'400'000;
const Time kNow = *from_rfc3339("2026-11-24T12:00:00Z");

CertificateRequest request(std::string name) {
  CertificateRequest made;
  made.common_name = std::move(name);
  made.not_before = kNow;
  made.not_after = from_unix_ms(to_unix_ms(kNow) + 365 * kDayMs);
  return made;
}

CertificateRequest ca_request(std::string name) {
  CertificateRequest made = request(std::move(name));
  made.ca = true;
  return made;
}

const PrivateKey& key_of_ca() {
  static const PrivateKey key = *PrivateKey::generate(KeyKind::ec_p256);
  return key;
}
const PrivateKey& key_of_leaf() {
  static const PrivateKey key = *PrivateKey::generate(KeyKind::ec_p384);
  return key;
}
const PrivateKey& rsa_key() {
  static const PrivateKey key = *PrivateKey::generate(KeyKind::rsa, 2048);
  return key;
}
const Certificate& ca() {
  static const Certificate made = *make_self_signed(ca_request("Test CA"), key_of_ca());
  return made;
}
Certificate leaf(const CertificateRequest& asked = request("leaf")) {
  return *make_certificate(asked, key_of_leaf().public_key(), ca(), key_of_ca());
}

template <class T>
std::string refusal(const Result<T>& result) {
  return result ? "accepted"
                : std::string(name_of(result.error().code)) + ": " + result.error().message;
}

// The certificate with `from` replaced by `to` of the same size, at its only occurrence.
Bytes altered(const Certificate& certificate, ByteView from, ByteView to) {
  Bytes der = certificate.der();
  const auto at = std::search(der.begin(), der.end(), from.begin(), from.end());
  EXPECT_NE(at, der.end());
  std::copy(to.begin(), to.end(), at);
  return der;
}

TEST(Certificate, SaysWhatWasAskedFor) {
  CertificateRequest asked = request("node 1");
  asked.alternatives = {{"localhost", "kms.example"}, {"127.0.0.1", "::1"}};
  asked.extended_key_usages = {"1.3.6.1.5.5.7.3.1"};
  asked.extensions = {{"1.3.6.1.4.1.3704.1.4", Bytes(64, 7)}};
  const Certificate made = leaf(asked);
  EXPECT_EQ(made.subject_common_name(), "node 1");
  EXPECT_EQ(made.issuer_common_name(), "Test CA");
  EXPECT_EQ(made.subject_text(), "CN=node 1");
  EXPECT_EQ(made.issuer(), ca().subject());
  EXPECT_EQ(made.not_before(), asked.not_before);
  EXPECT_EQ(made.not_after(), asked.not_after);
  EXPECT_EQ(made.is_ca(), false);
  EXPECT_EQ(made.may_sign_certificates(), false);
  EXPECT_EQ(made.path_length(), std::nullopt);
  EXPECT_EQ(made.public_key(), key_of_leaf().public_key());
  EXPECT_EQ(made.extended_key_usages(), asked.extended_key_usages);
  EXPECT_EQ(*made.extension("1.3.6.1.4.1.3704.1.4"), Bytes(64, 7));
  EXPECT_EQ(*made.extension("1.2.3"), std::nullopt);
  EXPECT_EQ(to_hex(**made.extension("2.5.29.17")),
            "303082096c6f63616c686f7374820b6b6d732e6578616d706c6587047f0000018710"
            "00000000000000000000000000000001");
  EXPECT_FALSE(made.has_unknown_critical_extension());
  EXPECT_NE(made.native(), nullptr);
}

TEST(Certificate, OfACaMaySign) {
  CertificateRequest asked = ca_request("CA");
  asked.path_length = 1;
  const Certificate made = *make_self_signed(asked, key_of_ca());
  EXPECT_EQ(made.is_ca(), true);
  EXPECT_EQ(made.may_sign_certificates(), true);
  EXPECT_EQ(made.path_length(), 1);
}

TEST(Certificate, BareOnesAreLikeAVcek) {
  CertificateRequest asked = request("SEV-VCEK");
  asked.bare = true;
  asked.pss_sha384 = true;
  const Certificate issuer = *make_self_signed(ca_request("SEV-Milan"), rsa_key());
  const Certificate made = *make_certificate(asked, key_of_leaf().public_key(), issuer, rsa_key());
  EXPECT_EQ(made.is_ca(), std::nullopt);
  EXPECT_EQ(made.may_sign_certificates(), std::nullopt);
  EXPECT_EQ(*made.extension("2.5.29.14"), std::nullopt);
  EXPECT_TRUE(check_link(made, issuer, CertificateSignature::rsa_pss_sha384).has_value());
  EXPECT_EQ(refusal(check_link(made, issuer, CertificateSignature::rsa_pkcs1_sha256)),
            "denied: certificate CN=SEV-VCEK: signed with another algorithm than its type has");
  EXPECT_TRUE(check_link(made, issuer, CertificateSignature::rsa_any).has_value());
  EXPECT_NE(made.native(), nullptr);
}

TEST(Certificate, IsReadBackFromDerAndPem) {
  const Certificate made = leaf();
  EXPECT_EQ(Certificate::from_der(made.der())->der_sha256(), made.der_sha256());
  EXPECT_EQ(Certificate::from_pem(made.pem())->der(), made.der());
  const auto list = Certificate::list_from_pem(made.pem() + ca().pem(), 2);
  ASSERT_TRUE(list.has_value());
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[1].der(), ca().der());
  EXPECT_EQ(refusal(Certificate::list_from_pem(made.pem() + ca().pem(), 1)),
            "malformed: certificates: 2 in the PEM text; at most 1 are read");
  EXPECT_EQ(refusal(Certificate::list_from_pem(made.pem() + key_of_ca().public_key().pem(), 2)),
            "malformed: PEM block is no CERTIFICATE");
}

TEST(Certificate, RefusesEveryTruncationAndTrailingBytes) {
  Bytes der = leaf().der();
  for (std::size_t size = 0; size < der.size(); ++size) {
    EXPECT_FALSE(Certificate::from_der(ByteView(der).first(size)).has_value()) << size;
  }
  der.push_back(0);
  EXPECT_EQ(refusal(Certificate::from_der(der)), "malformed: certificate: DER: 1 bytes left over");
  EXPECT_EQ(refusal(Certificate::from_der(Bytes(16'385))),
            "malformed: certificate: 16385 bytes; at most 16384 are read");
}

TEST(Certificate, RefusesTwoDifferentSignatureAlgorithms) {
  const Certificate made = leaf();
  Bytes der = made.der();
  const Bytes identifier = made.signature_algorithm();
  // The last occurrence is the one outside; ecdsa-with-SHA256 becomes -SHA384.
  const auto at = std::find_end(der.begin(), der.end(), identifier.begin(), identifier.end());
  at[static_cast<long>(identifier.size()) - 1] = 0x03;
  EXPECT_EQ(refusal(Certificate::from_der(der)),
            "malformed: certificate: signature algorithm outside differs from the one that is "
            "signed");
}

TEST(Certificate, RefusesAnExtensionThatOccursTwice) {
  CertificateRequest asked = request("leaf");
  asked.extensions = {{"1.2.3.4", {0x05, 0x00}}, {"1.2.3.4", {0x05, 0x00}}};
  EXPECT_EQ(refusal(make_certificate(asked, key_of_leaf().public_key(), ca(), key_of_ca())),
            "malformed: certificate: extension 1.2.3.4 occurs twice");
}

TEST(CheckLink, AcceptsTheIssuerAndRefusesOthers) {
  const Certificate made = leaf();
  EXPECT_EQ(refusal(check_link(made, ca(), CertificateSignature::ecdsa_sha256)), "accepted");
  EXPECT_EQ(refusal(check_link(ca(), ca(), CertificateSignature::any)), "accepted");
  const PrivateKey other_key = *PrivateKey::generate(KeyKind::ec_p256);
  const Certificate impostor = *make_self_signed(ca_request("Test CA"), other_key);
  EXPECT_EQ(refusal(check_link(made, impostor, CertificateSignature::any)),
            "denied: certificate CN=leaf: not signed by CN=Test CA: signature does not verify");
  const Certificate stranger = *make_self_signed(ca_request("Other CA"), key_of_ca());
  EXPECT_EQ(refusal(check_link(made, stranger, CertificateSignature::any)),
            "denied: certificate CN=leaf: its issuer is not named CN=Other CA");
  EXPECT_EQ(refusal(check_link(made, ca(), CertificateSignature::ecdsa_sha384)),
            "denied: certificate CN=leaf: signed with another algorithm than its type has");
}

TEST(CheckLink, RefusesAChangeOfAnythingSigned) {
  const Certificate made = leaf();
  const auto changed = Certificate::from_der(altered(made, as_bytes("leaf"), as_bytes("LEAF")));
  ASSERT_TRUE(changed.has_value());
  EXPECT_EQ(refusal(check_link(*changed, ca(), CertificateSignature::any)),
            "denied: certificate CN=LEAF: not signed by CN=Test CA: signature does not verify");
}

TEST(CheckLink, RefusesAnIssuerThatIsNoCaUnlessItIsThePinnedRoot) {
  const Certificate plain = *make_self_signed(request("no CA"), key_of_ca());
  const Certificate made =
      *make_certificate(request("leaf"), key_of_leaf().public_key(), plain, key_of_ca());
  EXPECT_EQ(refusal(check_link(made, plain, CertificateSignature::any)),
            "denied: certificate CN=leaf: issuer CN=no CA does not say that it is a CA");
  EXPECT_EQ(refusal(check_link(made, plain, CertificateSignature::any, IssuerIs::pinned_root)),
            "accepted");
  EXPECT_EQ(refusal(check_link(plain, plain, CertificateSignature::any)), "accepted");
}

TEST(CheckLink, RefusesAnIssuerWhoseKeyUsageLacksCertificates) {
  // keyUsage 86 (digitalSignature, keyCertSign, cRLSign) becomes 82.
  const Bytes from = {0x03, 0x02, 0x01, 0x86}, to = {0x03, 0x02, 0x01, 0x82};
  const Certificate changed = *Certificate::from_der(altered(ca(), from, to));
  EXPECT_EQ(refusal(check_link(leaf(), changed, CertificateSignature::any)),
            "denied: certificate CN=leaf: issuer CN=Test CA may not sign certificates (keyUsage)");
}

TEST(CheckLink, RefusesAnUnknownCriticalExtension) {
  CertificateRequest asked = request("leaf");
  asked.extensions = {{"1.2.3.4", {0x05, 0x00}}};
  const Certificate made = leaf(asked);
  EXPECT_FALSE(made.has_unknown_critical_extension());
  // keyUsage, which is critical, becomes an extension nobody knows.
  const Bytes from = {0x55, 0x1d, 0x0f, 0x01, 0x01, 0xff},
              to = {0x55, 0x1d, 0x7f, 0x01, 0x01, 0xff};
  const Certificate changed = *Certificate::from_der(altered(made, from, to));
  EXPECT_TRUE(changed.has_unknown_critical_extension());
  EXPECT_EQ(refusal(check_link(changed, ca(), CertificateSignature::any)),
            "denied: certificate CN=leaf: a critical extension is unknown");
}

TEST(CheckDates, IncludeBothEnds) {
  const Certificate made = leaf();
  EXPECT_EQ(refusal(check_dates(made, made.not_before())), "accepted");
  EXPECT_EQ(refusal(check_dates(made, made.not_after())), "accepted");
  EXPECT_EQ(refusal(check_dates(made, made.not_before() - std::chrono::seconds(1))),
            "denied: certificate CN=leaf: not valid before 2026-11-24T12:00:00Z; the time is "
            "2026-11-24T11:59:59Z");
  EXPECT_EQ(refusal(check_dates(made, made.not_after() + std::chrono::seconds(1))),
            "denied: certificate CN=leaf: not valid after 2027-11-24T12:00:00Z; the time is "
            "2027-11-24T12:00:01Z");
}

TEST(CheckPathLengths, CountIntermediatesBelow) {
  const auto authority = [](const char* name, std::optional<int> length) {
    CertificateRequest asked = ca_request(name);
    asked.path_length = length;
    return *make_certificate(asked, key_of_leaf().public_key(), ca(), key_of_ca());
  };
  const Certificate end = leaf();
  const auto zero = authority("zero", 0), one = authority("one", 1), open = authority("any", {});
  EXPECT_EQ(refusal(check_path_lengths({end, zero, ca()})), "accepted");
  EXPECT_EQ(refusal(check_path_lengths({end, zero, one, ca()})), "accepted");
  EXPECT_EQ(refusal(check_path_lengths({end, open, one, ca()})), "accepted");
  EXPECT_EQ(refusal(check_path_lengths({end, open, zero, ca()})),
            "denied: certificate CN=zero: its path length of 0 does not allow 1 intermediates "
            "below it");
  EXPECT_EQ(refusal(check_path_lengths({end, open, open, one, ca()})),
            "denied: certificate CN=one: its path length of 1 does not allow 2 intermediates "
            "below it");
  // Of the root nothing but its key counts.
  EXPECT_EQ(refusal(check_path_lengths({end, open, zero})), "accepted");
}

TEST(MakeCertificate, RefusesWhatMakesNoSense) {
  const auto with = [](auto change) {
    CertificateRequest asked = request("name");
    change(asked);
    return refusal(make_self_signed(asked, key_of_ca()));
  };
  EXPECT_EQ(with([](auto&) {}), "accepted");
  EXPECT_EQ(with([](auto& r) { r.common_name = ""; }),
            "malformed: certificate: the common name has 1 to 64 bytes");
  EXPECT_EQ(with([](auto& r) { r.common_name = std::string(65, 'a'); }),
            "malformed: certificate: the common name has 1 to 64 bytes");
  EXPECT_EQ(with([](auto& r) { std::swap(r.not_before, r.not_after); }),
            "malformed: certificate: the dates are out of order or out of range");
  EXPECT_EQ(with([](auto& r) { r.path_length = 1; }),
            "malformed: certificate: a path length is for a CA and from 0 to 127");
  EXPECT_EQ(with([](auto& r) { r.bare = r.ca = true; }),
            "malformed: certificate: a CA is never bare");
  EXPECT_EQ(with([](auto& r) { r.alternatives.ip_addresses = {"1.2.3"}; }),
            "malformed: certificate: \"1.2.3\" is no IP address");
  EXPECT_EQ(with([](auto& r) { r.extended_key_usages = {"x"}; }),
            "malformed: \"x\" is no object identifier");
  EXPECT_EQ(
      refusal(make_certificate(request("leaf"), key_of_leaf().public_key(), ca(), key_of_leaf())),
      "malformed: certificate: the issuer's certificate is for another key than the one "
      "that signs");
}

TEST(MakeCertificate, SignsWithEveryKindOfKey) {
  using enum CertificateSignature;
  for (const auto& [kind, signature] :
       {std::pair{KeyKind::ec_p256, ecdsa_sha256}, std::pair{KeyKind::ec_p384, ecdsa_sha384},
        std::pair{KeyKind::ec_p521, any}, std::pair{KeyKind::ed25519, any}}) {
    const PrivateKey key = *PrivateKey::generate(kind);
    const auto made = make_self_signed(ca_request("CA"), key);
    ASSERT_TRUE(made.has_value()) << made.error().message;
    EXPECT_EQ(refusal(check_link(*made, *made, signature)), "accepted");
  }
  const auto made = make_self_signed(ca_request("CA"), rsa_key());
  EXPECT_EQ(refusal(check_link(*made, *made, rsa_pkcs1_sha256)), "accepted");
  EXPECT_EQ(refusal(make_self_signed(ca_request("CA"), *PrivateKey::generate(KeyKind::x25519))),
            "malformed: certificate: an X25519 key can't sign");
}

std::string time_of(std::string_view text, Byte tag) {
  const codec::der::Element element{tag, as_bytes(text), {}};
  const auto time = parse_x509_time(element);
  return time ? to_rfc3339(*time) : time.error().message;
}

TEST(CertificateTime, HasTwoForms) {
  EXPECT_EQ(time_of("261124132000Z", kUtcTime), "2026-11-24T13:20:00Z");
  EXPECT_EQ(time_of("491231235959Z", kUtcTime), "2049-12-31T23:59:59Z");
  EXPECT_EQ(time_of("500101000000Z", kUtcTime), "1950-01-01T00:00:00Z");
  EXPECT_EQ(time_of("99991231235959Z", kGeneralizedTime), "9999-12-31T23:59:59Z");
  EXPECT_EQ(time_of("20240229000000Z", kGeneralizedTime), "2024-02-29T00:00:00Z");
}

TEST(CertificateTime, RefusesOtherForms) {
  const std::string wrong =
      "time in a certificate is not of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ";
  for (const char* text : {"2611241320Z", "261124132000", "261124132000+0000", "261324132000Z",
                           "260229000000Z", "261124240000Z", "261124136000Z", "261124132060Z",
                           "26112413200aZ", "20261124132000Z", ""}) {
    EXPECT_EQ(time_of(text, kUtcTime), wrong) << text;
  }
  for (const char* text : {"261124132000Z", "20261124132000.5Z", "20230229000000Z"}) {
    EXPECT_EQ(time_of(text, kGeneralizedTime), wrong) << text;
  }
  EXPECT_EQ(time_of("261124132000Z", 0x04), wrong);
}

TEST(CertificateTime, IsWrittenInTheFormOfItsYear) {
  EXPECT_EQ(to_hex(write_x509_time(*from_rfc3339("2049-12-31T23:59:59Z"))),
            "170d" + to_hex(as_bytes("491231235959Z")));
  EXPECT_EQ(to_hex(write_x509_time(*from_rfc3339("2050-01-01T00:00:00Z"))),
            "180f" + to_hex(as_bytes("20500101000000Z")));
}

TEST(CertificateName, StaysOnOneLineOfAscii) {
  const auto name = read_name(write_name("a\nb, \"\xc3\xa9\""));
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->text, "CN=a\\0ab\\, \\\"\\c3\\a9\\\"");
  EXPECT_EQ(name->common_name, "a\nb, \"\xc3\xa9\"");
}

TEST(CertificateName, OfTwoCommonNamesHasNone) {
  const Bytes one = write_name("a");
  Bytes two = {0x30, static_cast<Byte>(2 * (one.size() - 2))};
  append(two, ByteView(one).subspan(2));
  append(two, ByteView(one).subspan(2));
  const auto name = read_name(two);
  ASSERT_TRUE(name.has_value());
  EXPECT_EQ(name->text, "CN=a, CN=a");
  EXPECT_EQ(name->common_name, "");
}

std::string algorithm_of(std::string_view hex) {
  const auto algorithm = parse_certificate_algorithm(*from_hex(hex));
  if (!algorithm) return algorithm.error().message;
  return *algorithm == SignatureAlgorithm::rsa_pss_sha384 ? "pss sha384" : "another";
}

TEST(CertificateAlgorithm, PssIsReadByMeaning) {
  const std::string oid = "06092a864886f70d01010a", sha384 = "300d06096086480165030402020500",
                    mgf = "06092a864886f70d010108";
  const std::string fields = "a00f" + sha384 + "a11c301a" + mgf + sha384 + "a203020130";
  EXPECT_EQ(algorithm_of("3041" + oid + "3034" + fields), "pss sha384");
  EXPECT_EQ(algorithm_of("3046" + oid + "3039" + fields + "a303020101"), "pss sha384");
  EXPECT_EQ(algorithm_of("3046" + oid + "3039" + fields + "a303020102"),
            "RSASSA-PSS: unknown trailer field");
  const std::string salt_32 = "a00f" + sha384 + "a11c301a" + mgf + sha384 + "a203020120";
  EXPECT_EQ(algorithm_of("3041" + oid + "3034" + salt_32),
            "RSASSA-PSS: MGF1 hash or salt length is not that of the hash");
  const std::string sha256 = "300d06096086480165030402010500";
  const std::string mixed = "a00f" + sha384 + "a11c301a" + mgf + sha256 + "a203020130";
  EXPECT_EQ(algorithm_of("3041" + oid + "3034" + mixed),
            "RSASSA-PSS: MGF1 hash or salt length is not that of the hash");
  EXPECT_EQ(algorithm_of("300d" + oid + "3000"), "DER: no more elements");
}

TEST(CertificateAlgorithm, WhatIsWrittenIsReadBack) {
  using enum SignatureAlgorithm;
  for (const auto algorithm : {rsa_pkcs1_sha256, rsa_pkcs1_sha384, rsa_pkcs1_sha512, rsa_pss_sha256,
                               rsa_pss_sha384, rsa_pss_sha512, ecdsa_sha256_der, ecdsa_sha384_der,
                               ecdsa_sha512_der, SignatureAlgorithm::ed25519}) {
    EXPECT_EQ(parse_certificate_algorithm(write_certificate_algorithm(algorithm)), algorithm);
  }
  EXPECT_EQ(algorithm_of("300d06092a864886f70d0101050500"),
            "signature algorithm 1.2.840.113549.1.1.5 is not supported");
  EXPECT_EQ(algorithm_of("300c06082a8648ce3d0403020500"),
            "signature algorithm 1.2.840.10045.4.3.2 with parameters");
}

}  // namespace
}  // namespace vitrine::crypto
