// X.509 certificates: parsing, the link check of attestation.md 1.2 (no path building, no
// purposes), and making the few certificates a service needs. Parsed certificates are immutable and
// shared; safe from any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/key.h"

typedef struct x509_st X509;

namespace vitrine::crypto {

class Certificate {
 public:
  // One certificate in DER, nothing after. malformed also: a public key that PublicKey refuses, two
  // extensions of one kind, two different signature algorithms, over limits::kCertificateBytesMax.
  static Result<Certificate> from_der(ByteView der);
  static Result<Certificate> from_pem(std::string_view pem);  // one block
  static Result<std::vector<Certificate>> list_from_pem(std::string_view pem,
                                                        std::size_t count_max);

  const Bytes& der() const;
  const Digest& der_sha256() const;
  std::string pem() const;
  const PublicKey& public_key() const;
  // The DER of the names, for exact comparison; and the one common name, empty if there is not
  // exactly one.
  const Bytes& subject() const;
  const Bytes& issuer() const;
  const std::string& subject_common_name() const;
  const std::string& issuer_common_name() const;
  std::string subject_text() const;  // for people: "CN=SEV-VCEK, O=…"
  Time not_before() const;
  Time not_after() const;
  std::optional<bool> is_ca() const;  // basicConstraints; nullopt when the extension is absent
  std::optional<int> path_length() const;
  std::optional<bool> may_sign_certificates() const;  // keyUsage; nullopt when absent
  bool has_unknown_critical_extension() const;
  std::vector<std::string> extended_key_usages() const;  // dotted OIDs
  // The octets of an extension's value; nullopt when absent. malformed: `oid` is none.
  Result<std::optional<Bytes>> extension(std::string_view oid) const;

  // What the issuer signed, how, and the signature.
  const Bytes& to_be_signed() const;
  const Bytes& signature_algorithm() const;  // AlgorithmIdentifier, DER
  const Bytes& signature() const;

  // For crypto and net only; borrowed. Made on first use; nullptr where libcrypto refuses what we
  // accept.
  X509* native() const;

 private:
  struct State;
  explicit Certificate(std::shared_ptr<const State> state) : state_(std::move(state)) {}
  std::shared_ptr<const State> state_;
};

// The signature algorithm a chain's type fixes.
enum class CertificateSignature {
  rsa_pss_sha384,
  rsa_pkcs1_sha256,
  rsa_pkcs1_sha384,
  rsa_pkcs1_sha512,
  ecdsa_sha256,
  ecdsa_sha384,
  rsa_any /* PKCS#1 or PSS with SHA-256, -384 or -512 */,
  any
};

// A root that was recognised by its pinned key counts by key, self-signature and dates alone
// (decisions.md, Wire).
enum class IssuerIs { ca, pinned_root };

// That `issuer` signed `subject`: names equal, signature by exactly that algorithm, no unknown
// critical extension in `subject`; `issuer` says CA:TRUE, and keyCertSign where it has keyUsage,
// unless it is a pinned root. A certificate against itself is the check of a self-signature: names,
// algorithm and signature. Dates are check_dates(). denied says which of these failed and for which
// subject.
Status check_link(const Certificate& subject, const Certificate& issuer,
                  CertificateSignature algorithm, IssuerIs issuer_is = IssuerIs::ca);
Status check_dates(const Certificate& certificate, Time at);
// Path lengths of a chain given leaf first, root last (RFC 5280 4.2.1.9); the root's own counts
// too.
Status check_path_lengths(const std::vector<Certificate>& chain);

struct SubjectAlternatives {
  std::vector<std::string> dns_names;
  std::vector<std::string> ip_addresses;
};

struct ExtraExtension {  // of certificates made for tests and the simulated attester
  std::string oid;
  Bytes value;  // octets of the extension value
};

struct CertificateRequest {
  std::string common_name;
  Time not_before;
  Time not_after;
  bool ca = false;
  std::optional<int> path_length;
  bool bare = false;        // no basicConstraints, keyUsage or key identifiers: like a VCEK
  bool pss_sha384 = false;  // RSA issuer signs with RSASSA-PSS, SHA-384, salt 48: like AMD
  SubjectAlternatives alternatives;
  std::vector<std::string> extended_key_usages;
  std::vector<ExtraExtension> extensions;
};
// issuer == nullptr: self-signed by `key`. Otherwise signed by `issuer_key`, for `subject_key`.
Result<Certificate> make_self_signed(const CertificateRequest& request, const PrivateKey& key);
Result<Certificate> make_certificate(const CertificateRequest& request,
                                     const PublicKey& subject_key, const Certificate& issuer,
                                     const PrivateKey& issuer_key);

}  // namespace vitrine::crypto
