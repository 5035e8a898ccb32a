// Endorsements of an SNP report: VCEK or VLEK, ASK or ASVK, ARK (attestation.md 3.3), as PEM or in
// THIM's JSON (attestation.md 4). Nothing here looks at a report, so a chain that verified can be
// remembered by its bytes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "attestation/snp/report.h"
#include "attestation/snp/tcb.h"
#include "attestation/verify.h"
#include "crypto/key.h"
#include "crypto/x509.h"

namespace vitrine::attestation::snp {

inline constexpr std::string_view kOidProductName = "1.3.6.1.4.1.3704.1.2";
inline constexpr std::string_view kOidBootLoader = "1.3.6.1.4.1.3704.1.3.1";
inline constexpr std::string_view kOidTee = "1.3.6.1.4.1.3704.1.3.2";
inline constexpr std::string_view kOidSnp = "1.3.6.1.4.1.3704.1.3.3";
inline constexpr std::string_view kOidMicrocode = "1.3.6.1.4.1.3704.1.3.8";
inline constexpr std::string_view kOidFmc = "1.3.6.1.4.1.3704.1.3.9";
inline constexpr std::string_view kOidHwid = "1.3.6.1.4.1.3704.1.4";
inline constexpr std::string_view kOidCspId = "1.3.6.1.4.1.3704.1.5";

// The certificates as they came, leaf first; `tcbm` where THIM's JSON brought one.
struct Endorsements {
  std::vector<crypto::Certificate> certificates;  // exactly three
  std::optional<TcbVersion> tcbm;
};
// malformed: neither form, another number of certificates, a member missing or not text.
Result<Endorsements> parse_endorsements(std::string_view text);

// A verified chain, reduced to what a report is checked against.
struct EndorsementChain {
  EndorsementKey kind = EndorsementKey::vcek;
  Product product = Product::milan;
  crypto::PublicKey key;  // EC P-384
  TcbComponents tcb;      // the one TCB the certificate was issued for
  Bytes hwid;             // VCEK only
  std::string csp_id;     // VLEK only
  std::optional<TcbVersion> tcbm;
  std::string trust_anchor;  // "ARK-Milan"
  bool simulated = false;
  Time not_before;  // the latest, and the earliest, of the three certificates
  Time not_after;
};
// malformed: the text, or an extension that is needed and missing or ill-formed. denied: root not
// pinned or of another product, a link, a date, names or kinds that do not fit each other.
Result<EndorsementChain> verify_endorsements(std::string_view text,
                                             const std::vector<SnpRoot>& roots, Time now);

// PEM of exactly three certificates out of files that hold one DER certificate each, or any number
// in PEM; the order of the files counts: VCEK or VLEK, ASK or ASVK, ARK.
Result<std::string> endorsements_from_certificates(const std::vector<Bytes>& files);

}  // namespace vitrine::attestation::snp
