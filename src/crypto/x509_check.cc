// The link check of attestation.md 1.2: no path building, no purposes, no system store. A validator
// made for TLS refuses genuine chains of TEE vendors.
#include <algorithm>

#include "crypto/x509.h"
#include "crypto/x509_algorithm.h"

namespace vitrine::crypto {
namespace {

tl::unexpected<Error> refuse(const Certificate& subject, const std::string& reason) {
  return denied("certificate " + subject.subject_text() + ": " + reason);
}

bool allows(CertificateSignature allowed, SignatureAlgorithm found) {
  using enum SignatureAlgorithm;
  switch (allowed) {
    case CertificateSignature::rsa_pss_sha384:
      return found == SignatureAlgorithm::rsa_pss_sha384;
    case CertificateSignature::rsa_pkcs1_sha256:
      return found == SignatureAlgorithm::rsa_pkcs1_sha256;
    case CertificateSignature::rsa_pkcs1_sha384:
      return found == SignatureAlgorithm::rsa_pkcs1_sha384;
    case CertificateSignature::rsa_pkcs1_sha512:
      return found == SignatureAlgorithm::rsa_pkcs1_sha512;
    case CertificateSignature::ecdsa_sha256:
      return found == ecdsa_sha256_der;
    case CertificateSignature::ecdsa_sha384:
      return found == ecdsa_sha384_der;
    case CertificateSignature::rsa_any:
      return found == SignatureAlgorithm::rsa_pkcs1_sha256 ||
             found == SignatureAlgorithm::rsa_pkcs1_sha384 ||
             found == SignatureAlgorithm::rsa_pkcs1_sha512 || found == rsa_pss_sha256 ||
             found == SignatureAlgorithm::rsa_pss_sha384 || found == rsa_pss_sha512;
    case CertificateSignature::any:
      break;
  }
  return true;
}

Status check_issuer(const Certificate& subject, const Certificate& issuer) {
  if (issuer.is_ca() != true) {
    return refuse(subject, "issuer " + issuer.subject_text() + " does not say that it is a CA");
  }
  if (issuer.may_sign_certificates() == false) {
    return refuse(subject,
                  "issuer " + issuer.subject_text() + " may not sign certificates (keyUsage)");
  }
  return {};
}

bool is_self_issued(const Certificate& certificate) {
  return same(certificate.subject(), certificate.issuer());
}

}  // namespace

Status check_link(const Certificate& subject, const Certificate& issuer,
                  CertificateSignature algorithm, IssuerIs issuer_is) {
  if (!same(subject.issuer(), issuer.subject())) {
    return refuse(subject, "its issuer is not named " + issuer.subject_text());
  }
  const auto found = parse_certificate_algorithm(subject.signature_algorithm());
  if (!found) return refuse(subject, found.error().message);
  if (!allows(algorithm, *found)) {
    return refuse(subject, "signed with another algorithm than its type has");
  }
  if (!same(subject.der(), issuer.der())) {
    if (subject.has_unknown_critical_extension()) {
      return refuse(subject, "a critical extension is unknown");
    }
    if (issuer_is == IssuerIs::ca) VITRINE_CHECK(check_issuer(subject, issuer));
  }
  const auto verified =
      issuer.public_key().verify(*found, subject.to_be_signed(), subject.signature());
  if (!verified) {
    return refuse(subject,
                  "not signed by " + issuer.subject_text() + ": " + verified.error().message);
  }
  return {};
}

Status check_dates(const Certificate& certificate, Time at) {
  if (at < certificate.not_before()) {
    return refuse(certificate, "not valid before " + to_rfc3339(certificate.not_before()) +
                                   "; the time is " + to_rfc3339(at));
  }
  if (at > certificate.not_after()) {
    return refuse(certificate, "not valid after " + to_rfc3339(certificate.not_after()) +
                                   "; the time is " + to_rfc3339(at));
  }
  return {};
}

Status check_path_lengths(const std::vector<Certificate>& chain) {
  // How many certificates between the issuer in hand and the leaf count; self-issued ones do not.
  int between = 0;
  for (std::size_t i = 1; i + 1 < chain.size(); ++i) {
    const auto allowed = chain[i].path_length();
    if (allowed && between > *allowed) {
      return refuse(chain[i], "its path length of " + std::to_string(*allowed) +
                                  " does not allow " + std::to_string(between) +
                                  " intermediates below it");
    }
    if (!is_self_issued(chain[i])) ++between;
  }
  return {};
}

}  // namespace vitrine::crypto
