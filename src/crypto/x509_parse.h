// A certificate taken apart (RFC 5280 4.1) by the strict DER reader; nothing is verified. Internal
// to crypto.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "crypto/key.h"

namespace vitrine::crypto {

struct CertificateExtension {
  std::string oid;
  bool critical = false;
  Bytes value;
};

struct ParsedExtensions {
  std::vector<CertificateExtension> all;
  std::optional<bool> ca;
  std::optional<int> path_length;
  std::optional<bool> may_sign_certificates;
  std::vector<std::string> extended_key_usages;
  bool unknown_critical = false;
};

struct ParsedCertificate {
  Bytes to_be_signed, signature_algorithm, signature;
  Bytes issuer, subject, spki;  // whole elements
  Time not_before, not_after;
  ParsedExtensions extensions;
};

Result<ParsedCertificate> parse_certificate(ByteView der);
// The content of the SEQUENCE OF Extension.
Result<ParsedExtensions> parse_extensions(ByteView content);

}  // namespace vitrine::crypto
