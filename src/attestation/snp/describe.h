// An SNP report as rows for people: name and meaning of every field. Nothing in it is verified.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "attestation/snp/report.h"

namespace vitrine::attestation::snp {

std::vector<std::pair<std::string, std::string>> describe(const AttestationReport& report);

}  // namespace vitrine::attestation::snp
