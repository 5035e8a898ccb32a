// Which of the seals the operator chose, with what it needs. Whether that kind is allowed, the
// service's governance says (core::check_seal).
#pragma once

#include <memory>

#include "core/secrets.h"
#include "vitrined/options.h"
#include "vitrined/tee.h"

namespace vitrine::vitrined {

// unavailable: "snp" on a machine that is no guest of SEV-SNP.
Result<std::unique_ptr<core::SealProvider>> make_seal(const Options& options, const Tee& tee);

}  // namespace vitrine::vitrined
