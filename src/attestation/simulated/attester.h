// The simulated attester of dev mode (DESIGN.md 4, decision 12): SNP evidence in the true format
// under a throw-away chain in AMD's form, with a UVM endorsement of its own. The same verifier
// checks it, once its root and signer are among the anchors; claims made under them say simulated.
// It does no I/O: its keys go to and come from named files as bytes. Safe from any thread.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>

#include "attestation/evidence.h"
#include "attestation/simulated/amd_chain.h"
#include "attestation/simulated/uvm_signer.h"
#include "attestation/verify.h"
#include "base/clock.h"
#include "base/result.h"
#include "base/secret.h"

namespace vitrine::attestation::simulated {

// By name: "snp-ask-key.pem", … Certificates and private keys alike; all are treated as secret.
using Files = std::map<std::string, SecretBytes, std::less<>>;

// What the guest asks for, and what the host and chip would say. The defaults satisfy the verifier.
struct AttestRequest {
  std::array<Byte, 64> report_data{};
  std::array<Byte, 32> host_data{};
  std::optional<std::array<Byte, 48>> measurement;  // default_measurement()
  std::uint32_t version = 3;
  std::uint32_t vmpl = 0;
  std::uint32_t guest_svn = 2;
  std::uint64_t policy = 0x3001f;
  std::uint32_t flags = 0;                // VLEK sets bit 2 by itself
  std::optional<snp::TcbComponents> tcb;  // another makes a certificate for it
  bool raw = false;                       // profile "snp": neither UVM endorsement nor endorsed_tcb
};

struct AttesterOptions {
  snp::Product product = snp::Product::milan;
  snp::EndorsementKey kind = snp::EndorsementKey::vcek;
  std::size_t rsa_bits = 4096;  // of ARK and ASK; tests may take less
};

std::array<Byte, 48> default_measurement();
// Milan: boot loader 4, SNP 24, microcode 219.
snp::TcbComponents default_tcb();

class Attester {
 public:
  // Makes all keys (RSA-4096: seconds). Certificates are valid from the day before `now` on.
  static Result<Attester> make(Time now, const AttesterOptions& options = {});
  // malformed: a file is missing or does not fit the others.
  static Result<Attester> from_files(const Files& files);
  Files to_files() const;
  static std::span<const std::string_view> file_names();

  // What a dev service adds to its anchors; both say simulated.
  SnpRoot root() const;
  UvmSigner uvm_signer() const;

  Result<SnpEvidence> attest(const AttestRequest& request) const;

  // For tests that need certificates or reports out of the ordinary.
  const crypto::Certificate& ark() const { return ark_; }
  const CertifiedKey& ask() const { return ask_; }
  const crypto::PrivateKey& chip_key() const { return chip_key_; }
  const UvmIdentity& uvm() const { return uvm_; }
  LeafOptions leaf_options(const snp::TcbComponents& tcb) const;
  snp::AttestationReport report(const AttestRequest& request) const;  // unsigned
  std::string endorsements(const crypto::Certificate& leaf) const;    // PEM with ASK and ARK

 private:
  Attester(snp::Product product, snp::EndorsementKey kind, crypto::Certificate ark,
           CertifiedKey ask, crypto::PrivateKey chip_key, crypto::Certificate leaf, UvmIdentity uvm,
           Bytes endorsement);
  static Result<Attester> assemble(snp::Product product, snp::EndorsementKey kind,
                                   crypto::Certificate ark, CertifiedKey ask,
                                   crypto::PrivateKey chip_key,
                                   std::optional<crypto::Certificate> leaf, UvmIdentity uvm);

  snp::Product product_;
  snp::EndorsementKey kind_;
  crypto::Certificate ark_;
  CertifiedKey ask_;
  crypto::PrivateKey chip_key_;
  crypto::Certificate leaf_;  // for default_tcb()
  UvmIdentity uvm_;
  Bytes uvm_endorsement_;  // of default_measurement()
};

}  // namespace vitrine::attestation::simulated
