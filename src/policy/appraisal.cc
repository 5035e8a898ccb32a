#include "policy/appraisal.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "policy/comparison.h"

namespace vitrine::policy {
namespace {

using attestation::Claims;
using attestation::ClaimValue;

constexpr auto kOperators = std::to_array<std::string_view>({"gte", "gt", "lt", "lte"});

const ClaimValue* find(const Recorded& said, std::string_view name) {
  const auto found = said.claims.find(name);
  return found == said.claims.end() ? nullptr : &found->second;
}

std::string_view key_of(const boost::json::key_value_pair& member) {
  return {member.key().data(), member.key().size()};
}

std::string found_text(const ClaimValue* value) {
  return value == nullptr ? "absent" : attestation::to_text(*value);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text = words.size() == 1 ? "" : "one of ";
  for (std::size_t i = 0; i < words.size(); ++i) text += (i == 0 ? "" : ", ") + words[i];
  return text;
}

std::string joined(const codec::json::Array& values) {
  std::vector<std::string> words;
  for (const auto& value : values) {
    words.push_back(text_of_value(value).value_or(codec::json::write(value)));
  }
  return joined(words);
}

void check_profile(const ReleasePolicy& policy, const Recorded& said, Refusal& refusal) {
  const auto accepted = policy.accepted_profiles();
  if (std::find(accepted.begin(), accepted.end(), said.profile) != accepted.end()) return;
  refusal.mismatches.push_back({"profile", joined(accepted), said.profile});
}

int rank(std::string_view freshness) {
  return freshness == "nonce" ? 2 : freshness == "age" ? 1 : 0;
}

void check_freshness(const ReleasePolicy& policy, const Recorded& said, Refusal& refusal) {
  if (rank(said.freshness) >= rank(policy.freshness())) return;
  refusal.mismatches.push_back(
      {"freshness", std::string(policy.freshness()), std::string(said.freshness)});
}

void check_claims(const ReleasePolicy& policy, const Recorded& said, Refusal& refusal) {
  for (const auto& member : policy.claims()) {
    const auto& wanted = member.value().get_array();
    const auto* found = find(said, key_of(member));
    if (found != nullptr && std::any_of(wanted.begin(), wanted.end(),
                                        [&](const auto& value) { return equals(value, *found); })) {
      continue;
    }
    refusal.mismatches.push_back({std::string(key_of(member)), joined(wanted), found_text(found)});
  }
}

bool holds(std::string_view op, std::int64_t claim, std::int64_t value) {
  if (op == "gte") return claim >= value;
  if (op == "gt") return claim > value;
  if (op == "lt") return claim < value;
  return op == "lte" && claim <= value;
}

std::string_view sign_of(std::string_view op) {
  return op == "gte" ? ">=" : op == "gt" ? ">" : op == "lt" ? "<" : "<=";
}

void check_operator(std::string_view op, const codec::json::Object& values, const Recorded& said,
                    Refusal& refusal) {
  for (const auto& member : values) {
    const auto value = number_of(member.value());
    if (!value) refusal.policy_broken = true;
    const auto* found = find(said, key_of(member));
    const auto number = found == nullptr ? std::nullopt : number_of(*found);
    if (value && number && holds(op, *number, *value)) continue;
    const auto text = text_of_value(member.value()).value_or(codec::json::write(member.value()));
    refusal.mismatches.push_back(
        {std::string(key_of(member)), std::string(sign_of(op)) + " " + text, found_text(found)});
  }
}

char header_safe(char c) { return c >= 0x20 && c < 0x7f ? c : '?'; }

std::string shortened(const std::string& text, std::size_t max) {
  return text.size() <= max ? text : text.substr(0, max) + "...";
}

Refusal refusal_of(const ReleasePolicy& policy, const Recorded& said) {
  Refusal refusal;
  // No claims at all accept nobody: removing everything closes the service (kms-api.md 7.2).
  refusal.policy_empty = policy.claims().empty();
  check_profile(policy, said, refusal);
  check_freshness(policy, said, refusal);
  check_claims(policy, said, refusal);
  for (const std::string_view op : kOperators) {
    if (const auto* values = policy.operator_values(op)) {
      check_operator(op, *values, said, refusal);
    }
  }
  return refusal;
}

bool refuses(const Refusal& refusal) {
  return refusal.policy_empty || refusal.policy_broken || !refusal.mismatches.empty();
}

bool is_named_by(const ReleasePolicy& policy, std::string_view claim) {
  return policy.pins(claim) ||
         std::any_of(kOperators.begin(), kOperators.end(), [&](std::string_view op) {
           const auto* values = policy.operator_values(op);
           return values != nullptr && codec::json::find(*values, claim) != nullptr;
         });
}

}  // namespace

std::optional<Refusal> check_recorded(const ReleasePolicy& policy, const Recorded& said) {
  Refusal refusal = refusal_of(policy, said);
  for (const auto& [name, value] : said.claims) {
    if (!is_named_by(policy, name))
      refusal.mismatches.push_back({name, "nothing of it", attestation::to_text(value)});
  }
  if (!refuses(refusal)) return std::nullopt;
  return refusal;
}

tl::expected<AttestationResult, Refusal> appraise(const ReleasePolicy& policy,
                                                  const Claims& claims) {
  Refusal refusal = refusal_of(
      policy, {claims.profile(), attestation::name_of(claims.freshness()), claims.all()});
  if (refuses(refusal)) return tl::unexpected<Refusal>(std::move(refusal));

  AttestationResult result;
  result.profile_ = claims.profile();
  result.freshness_ = claims.freshness();
  const auto keep = [&](const codec::json::Object& named) {
    for (const auto& member : named) {
      result.matched_.emplace(std::string(key_of(member)), *claims.find(key_of(member)));
    }
  };
  keep(policy.claims());
  for (const std::string_view op : kOperators) {
    if (const auto* values = policy.operator_values(op)) keep(*values);
  }
  return result;
}

std::string Refusal::to_text() const {
  std::string text;
  if (policy_empty) text = "the release policy has no claims";
  if (policy_broken) text += std::string(text.empty() ? "" : "; ") + "the release policy is broken";
  for (const auto& mismatch : mismatches) {
    text += (text.empty() ? "" : "; ") + mismatch.claim + ": wanted " + mismatch.wanted +
            ", found " + mismatch.found;
  }
  return text;
}

std::string Refusal::to_header() const {
  constexpr std::size_t kValueBytesMax = 24;  // enough to tell one digest from another
  std::string text;
  if (policy_empty) text = "policy empty";
  if (policy_broken) text += std::string(text.empty() ? "" : "; ") + "policy broken";
  for (const auto& mismatch : mismatches) {
    text += (text.empty() ? "" : "; ") + mismatch.claim + ": wanted " +
            shortened(mismatch.wanted, kValueBytesMax) + ", found " +
            shortened(mismatch.found, kValueBytesMax);
  }
  std::transform(text.begin(), text.end(), text.begin(), header_safe);
  if (text.size() > limits::kReasonHeaderBytesMax) {
    text.resize(limits::kReasonHeaderBytesMax - 3);
    text += "...";
  }
  return text;
}

}  // namespace vitrine::policy
