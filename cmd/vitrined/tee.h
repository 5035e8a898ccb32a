// The TEE that this program runs in, if any: where its own evidence and a derived sealing key come
// from.
#pragma once

#include <memory>

#include "attestation/collect/snp_guest.h"
#include "core/own_evidence.h"
#include "vitrined/options.h"

namespace vitrine::vitrined {

struct Tee {
  std::shared_ptr<attestation::collect::SnpGuest> snp;  // null: no guest of SEV-SNP
  core::Attest attest = core::no_evidence();
};

// In development mode the simulated attester of the folder common/, which must be there. malformed:
// the measurement it shall show. unavailable: there is a TEE, and it can't be reached.
Result<Tee> find_tee(const Options& options);

}  // namespace vitrine::vitrined
