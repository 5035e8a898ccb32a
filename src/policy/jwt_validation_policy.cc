#include "policy/jwt_validation_policy.h"

#include <algorithm>

namespace vitrine::policy {
namespace {

using codec::json::Object;
using codec::json::Value;

// Strict equality of scalars; an array or object equals nothing (kms-api.md 7.4). Compared as they
// are written: 1 and 1.0 are one number, before and after a policy went through the ledger.
bool same_scalar(const Value& a, const Value& b) {
  return !a.is_structured() && !b.is_structured() && codec::json::write(a) == codec::json::write(b);
}

bool accepts(const Value& wanted, const Value& found) {
  if (const auto* list = wanted.if_array()) {
    return std::any_of(list->begin(), list->end(),
                       [&](const Value& each) { return same_scalar(each, found); });
  }
  return same_scalar(wanted, found);
}

bool claim_holds(std::string_view name, const Value& wanted, const Value& found,
                 const JwtRules& rules) {
  const auto* audiences = found.if_array();
  if (audiences == nullptr) return accepts(wanted, found);
  return name == "aud" && rules.audience_arrays &&
         std::any_of(audiences->begin(), audiences->end(), [&](const Value& each) {
           return each.is_string() && accepts(wanted, each);  // RFC 7519 4.1.3: StringOrURI
         });
}

std::string shown(const Value& value) {
  constexpr std::size_t kShownBytesMax = 200;
  auto text = codec::json::write(value);
  if (text.size() > kShownBytesMax) text = text.substr(0, kShownBytesMax) + "...";
  return text;
}

}  // namespace

Status check_jwt_validation_policy(const Object& validation_policy, const JwtRules& rules) {
  if (validation_policy.empty() && !rules.allow_empty) {
    return malformed("JWT validation policy: no claims: it would accept every token of the issuer",
                     "name at least one identifying claim");
  }
  for (const auto& member : validation_policy) {
    if (member.value().is_string() || member.value().is_array()) continue;
    return malformed("JWT validation policy: " + std::string(member.key().substr(0, 80)) +
                     " is neither text nor an array");
  }
  return {};
}

Status evaluate_jwt(const Object& validation_policy, const Object& payload, const JwtRules& rules) {
  if (validation_policy.empty() && !rules.allow_empty) {
    return denied("JWT validation policy: it has no claims, so it accepts no token");
  }
  for (const auto& member : validation_policy) {
    const std::string_view name(member.key().data(), member.key().size());
    const auto* found = codec::json::find(payload, name);
    if (found != nullptr && claim_holds(name, member.value(), *found, rules)) continue;
    return denied("JWT claim " + std::string(name.substr(0, 80)) + ": wanted " +
                  shown(member.value()) + ", found " +
                  (found == nullptr ? std::string("none") : shown(*found)));
  }
  return {};
}

}  // namespace vitrine::policy
