#include "vitrined/make_seal.h"

#include <cstdlib>

#include "seals/snp/snp_seal.h"
#include "vitrined/file_seal.h"

namespace vitrine::vitrined {

Result<std::unique_ptr<core::SealProvider>> make_seal(const Options& options, const Tee& tee) {
  if (options.seal == "tpm2") {
    // The library would write lines of its own to standard error; what it says is in our errors.
    setenv("TSS2_LOG", "all+NONE", /*overwrite=*/0);
    return std::make_unique<seals::Tpm2Seal>(options.tpm2);
  }
  if (options.seal == "pkcs11") return std::make_unique<seals::Pkcs11Seal>(options.pkcs11);
  if (options.seal == "snp") {
    if (tee.snp == nullptr) {
      return unavailable("--seal snp: this machine is no SEV-SNP guest: there is no /dev/sev-guest",
                         "choose another kind, or start in such a guest: docs/seals.md");
    }
    return std::make_unique<seals::SnpSeal>(*tee.snp, tee.attest);
  }
  return std::make_unique<FileSeal>(options.unseal_key_path());
}

}  // namespace vitrine::vitrined
