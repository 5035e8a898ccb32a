// The seal kind "tpm2": the sealing key is a sealed object of a TPM 2.0, under its storage primary,
// and given out only while the PCRs named have the values they had when it was made (TPM 2.0
// Library, parts 1 (27) and 3 (12.1, 12.7, 23.7)). A TPM on its own proves nothing about who owns
// it: whoever runs the machine may have put a program in its place. docs/seals.md says when it is
// worth what.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/secrets.h"

namespace vitrine::seals {

struct Tpm2Settings {
  std::string tcti = "device:/dev/tpmrm0";  // how the TPM is reached, as TCTI configurations say it
  std::vector<std::uint8_t> pcrs = {4, 7, 11};  // of the SHA-256 bank; for new seals
};

class Tpm2Seal final : public core::SealProvider {
 public:
  explicit Tpm2Seal(Tpm2Settings settings) : settings_(std::move(settings)) {}
  std::string_view kind() const override { return "tpm2"; }
  // malformed: the PCRs. unavailable: no TPM answers, or not as it should.
  Result<core::SealingKey> make(Random& random) override;
  // denied: a PCR has another value. not_found: another TPM, or it was cleared since.
  Result<SecretBytes> open(ByteView object) override;

 private:
  const Tpm2Settings settings_;
};

}  // namespace vitrine::seals
