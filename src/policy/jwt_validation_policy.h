// What an issuer's tokens must say (kms-api.md 7.4): every claim of the policy equals, strictly,
// the token's.
#pragma once

#include "base/result.h"
#include "codec/json.h"

namespace vitrine::policy {

struct JwtRules {
  // RFC 7519 4.1.3: when the token's `aud` is an array, the policy's `aud` holds if one of its
  // values is in it. No other claim that is an array ever matches.
  bool audience_arrays = true;
  bool allow_empty = false;  // `{}` as policy: dev only (decisions.md, Wire)
};

// malformed: a value is neither text nor an array.
Status check_jwt_validation_policy(const codec::json::Object& validation_policy,
                                   const JwtRules& rules);
// denied names the claim, what was wanted and what was found.
Status evaluate_jwt(const codec::json::Object& validation_policy,
                    const codec::json::Object& payload, const JwtRules& rules);

}  // namespace vitrine::policy
