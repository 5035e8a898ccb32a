// A throw-away chain in the form of AMD's: ARK and ASK (or ASVK) with RSA and PSS-SHA384, VCEK (or
// VLEK) on P-384 with AMD's extensions (attestation.md 3.3).
#pragma once

#include <map>
#include <string>

#include "attestation/snp/report.h"
#include "attestation/snp/tcb.h"
#include "base/clock.h"
#include "base/result.h"
#include "crypto/key.h"
#include "crypto/x509.h"

namespace vitrine::attestation::simulated {

struct CertifiedKey {
  crypto::PrivateKey key;
  crypto::Certificate certificate;
};

struct Validity {
  Time not_before;
  Time not_after;
};

Result<CertifiedKey> make_ark(snp::Product product, const Validity& validity, std::size_t rsa_bits);
Result<CertifiedKey> make_ask(const CertifiedKey& ark, snp::Product product,
                              snp::EndorsementKey kind, const Validity& validity,
                              std::size_t rsa_bits);

struct LeafOptions {
  snp::Product product = snp::Product::milan;
  snp::EndorsementKey kind = snp::EndorsementKey::vcek;
  snp::TcbComponents tcb;
  Bytes hwid;          // VCEK
  std::string csp_id;  // VLEK
  Validity validity;
  // Values of extensions by OID that replace or add to the above; empty ones leave the extension
  // out.
  std::map<std::string, Bytes> extensions;
};
Result<crypto::Certificate> make_leaf(const LeafOptions& options, const crypto::PublicKey& key,
                                      const CertifiedKey& ask);

Bytes der_integer(std::uint8_t value);
Bytes der_ia5_string(std::string_view text);

}  // namespace vitrine::attestation::simulated
