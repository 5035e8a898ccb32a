// What tests of this and later modules build policies and claims from.
#pragma once

#include <string_view>

#include "attestation/claims_maker.h"
#include "base/assert.h"
#include "codec/json.h"
#include "policy/release_policy.h"

namespace vitrine::policy {

inline codec::json::Object json_for_testing(std::string_view text) {
  auto object = codec::json::parse_object(text);
  VITRINE_ASSERT(object.has_value());
  return *std::move(object);
}

inline ReleasePolicy policy_for_testing(std::string_view args) {
  ReleasePolicy policy;
  const auto status = policy.apply(json_for_testing(args));
  VITRINE_ASSERT(status.has_value());
  return policy;
}

}  // namespace vitrine::policy
