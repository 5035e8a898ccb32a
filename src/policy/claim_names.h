// The claim names a release policy may use: an exact set (kms-api.md 7.1 and 12.2 #16,
// attestation.md 13). A name outside it is a slip of the pen; a name inside it that no evidence
// carries refuses everybody.
#pragma once

#include <string_view>

namespace vitrine::policy {

bool is_known_claim(std::string_view name);
// The known name nearest to `name`, for a hint; empty when none is near.
std::string_view nearest_claim(std::string_view name);

}  // namespace vitrine::policy
