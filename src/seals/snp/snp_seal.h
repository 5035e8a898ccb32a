// The seal kind "snp": a key that AMD's secure processor derives from the chip's secret, the
// guest's policy, measurement and SVN, and the platform's TCB (SEV-SNP firmware ABI 7.2). Other
// code, another guest policy or another chip gets another key; nothing secret is stored. Worth
// something only where the measurement covers this program.
#pragma once

#include "attestation/collect/snp_guest.h"
#include "core/own_evidence.h"
#include "core/secrets.h"

namespace vitrine::seals {

class SnpSeal final : public core::SealProvider {
 public:
  // `guest` outlives it.
  SnpSeal(attestation::collect::SnpGuest& guest, core::Attest attest)
      : guest_(guest), attest_(std::move(attest)) {}
  std::string_view kind() const override { return "snp"; }
  // By the SVN and the committed TCB of now. denied: the evidence is of a utility VM, whose
  // measurement is not this program's, or of a guest that may be debugged.
  Result<core::SealingKey> make(Random& random) override;
  // A key of other code is another key: what it is then used on says so. denied: as make(), or the
  // platform is older than when it was made.
  Result<SecretBytes> open(ByteView object) override;

 private:
  Result<SecretBytes> derive(ByteView object);
  attestation::collect::SnpGuest& guest_;
  const core::Attest attest_;
};

}  // namespace vitrine::seals
