// vitrine policy show and test.
#include <fmt/format.h>

#include <algorithm>

#include "attestation/verify.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/evidence_files.h"
#include "cli/input.h"
#include "cli/trust.h"
#include "governance/actions.h"
#include "policy/appraisal.h"
#include "policy/release_policy.h"

namespace vitrine::cli {
namespace {

using codec::json::Object;
using policy::ReleasePolicy;

constexpr std::string_view kAction = "set_key_release_policy";

Result<ReleasePolicy> policy_of_proposal(const Object& proposal) {
  VITRINE_TRY(const auto actions, governance::actions_from_json(proposal));
  ReleasePolicy release_policy;
  bool found = false;
  for (const auto& action : actions) {
    if (action.name != kAction) continue;
    VITRINE_CHECK(release_policy.apply(action.args));
    found = true;
  }
  if (!found) return malformed("the proposal has no action " + std::string(kAction));
  return release_policy;
}

// A proposal, the args of its action, or a policy as GET /app/keyReleasePolicy shows it.
Result<ReleasePolicy> read_policy(const PolicyTestOptions& options) {
  VITRINE_TRY(auto json, read_json(options.policy));
  Result<ReleasePolicy> release_policy = ReleasePolicy();
  if (codec::json::find(json, "actions") != nullptr) {
    release_policy = policy_of_proposal(json);
  } else {
    if (codec::json::find(json, "type") == nullptr) json["type"] = "add";
    const auto applied = release_policy->apply(json);
    if (!applied) release_policy = tl::unexpected<Error>(applied.error());
  }
  if (!release_policy) return in_context("policy " + options.policy, release_policy.error());
  if (!options.profile.empty()) {
    VITRINE_CHECK(release_policy->apply(Object{
        {"type", "add"}, {"claims", Object{}}, {"profiles", codec::json::Array{options.profile}}}));
  }
  return release_policy;
}

struct Row {
  std::string claim;
  std::string wanted;
  std::string found;
  bool holds = true;
};

std::string value_text(const codec::json::Value& value) {
  return value.is_string() ? std::string(codec::json::text_view(value.get_string()))
                           : codec::json::write(value);
}

std::string wanted_text(const codec::json::Value& accepted) {
  const auto* list = accepted.if_array();
  if (list == nullptr) return value_text(accepted);
  std::string text = list->size() == 1 ? "" : "one of ";
  for (const auto& value : *list) text += (&value == list->data() ? "" : ", ") + value_text(value);
  return text;
}

std::string found_text(const attestation::Claims& claims, std::string_view name) {
  const auto* value = claims.find(name);
  return value == nullptr ? "absent" : attestation::to_text(*value);
}

// The evaluator lists what does not hold; an operator's entry is told from a claim's by its sign.
bool is_refused(const policy::Refusal& refusal, std::string_view claim, std::string_view sign) {
  return std::any_of(refusal.mismatches.begin(), refusal.mismatches.end(),
                     [&](const policy::Mismatch& mismatch) {
                       if (mismatch.claim != claim) return false;
                       const bool is_operator =
                           mismatch.wanted.starts_with(">") || mismatch.wanted.starts_with("<");
                       if (sign.empty()) return !is_operator;
                       return mismatch.wanted.starts_with(std::string(sign) + " ");
                     });
}

std::vector<Row> rows_of(const ReleasePolicy& release_policy, const attestation::Claims& claims,
                         const policy::Refusal& refusal) {
  std::vector<Row> rows;
  std::string profiles;
  for (const auto& profile : release_policy.accepted_profiles()) {
    profiles += (profiles.empty() ? "" : ", ") + profile;
  }
  rows.push_back({"profile", profiles, claims.profile(), !is_refused(refusal, "profile", "")});
  rows.push_back({"freshness", std::string(release_policy.freshness()),
                  std::string(attestation::name_of(claims.freshness())),
                  !is_refused(refusal, "freshness", "")});
  for (const auto& [name, accepted] : release_policy.claims()) {
    rows.push_back({std::string(name), wanted_text(accepted), found_text(claims, name),
                    !is_refused(refusal, name, "")});
  }
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 4> kSigns = {
      {{"gte", ">="}, {"gt", ">"}, {"lt", "<"}, {"lte", "<="}}};
  for (const auto& [member, sign] : kSigns) {
    const auto* values = release_policy.operator_values(member);
    if (values == nullptr) continue;
    for (const auto& [name, value] : *values) {
      rows.push_back({std::string(name), fmt::format("{} {}", sign, value_text(value)),
                      found_text(claims, name), !is_refused(refusal, name, sign)});
    }
  }
  return rows;
}

void show(const std::vector<Row>& rows, const attestation::Claims& claims,
          const policy::Refusal& refusal, Context& context) {
  Grid grid({"claim", "wanted", "found", "verdict"});
  codec::json::Array list;
  for (const auto& row : rows) {
    grid.add({row.claim, row.wanted, row.found, row.holds ? "holds" : "REFUSED"});
    list.push_back(Object{
        {"claim", row.claim}, {"wanted", row.wanted}, {"found", row.found}, {"holds", row.holds}});
  }
  const bool refused = refusal.policy_empty || refusal.policy_broken || !refusal.mismatches.empty();
  Object document;
  document["verdict"] = refused ? "refused" : "released";
  document["profile"] = claims.profile();
  document["simulated"] = claims.simulated();
  document["claims"] = std::move(list);
  std::string text = grid.to_text();
  if (claims.simulated()) text += "\nsimulated evidence: no hardware vouches for it\n";
  text += refused ? "\nverdict: refused\n" : "\nverdict: would be released\n";
  context.out.result(text, document);
}

}  // namespace

Status run_policy_show(const PolicyShowOptions& options, Context& context) {
  VITRINE_TRY(const auto kind, client::policy_kind_from(options.kind));
  VITRINE_TRY(auto service, connect(context, options.caller));
  auto answer = service.policy(kind);
  if (!answer) return with_caller_hint(answer.error(), options.caller);
  if (!answer->body.is_object()) return internal("policy: the answer is not an object");
  context.out.result(codec::json::write_pretty(answer->body) + "\n", answer->body.get_object());
  return {};
}

Status run_policy_test(const PolicyTestOptions& options, Context& context) {
  VITRINE_TRY(const auto release_policy, read_policy(options));
  EvidenceOptions evidence_options;
  evidence_options.files = options.evidence;
  VITRINE_TRY(const auto evidence, read_snp_evidence(evidence_options));
  VITRINE_TRY(const auto at, time_of(options.trust, context.clock));
  VITRINE_TRY(const auto anchors, anchors_of(options.trust));
  attestation::VerificationCache cache;
  const auto claims = attestation::verify_snp(evidence, anchors, at, cache);
  if (!claims) {
    return denied("evidence refused: " + claims.error().message,
                  "see each step with: vitrine evidence verify");
  }
  const auto result = policy::appraise(release_policy, *claims);
  const policy::Refusal refusal = result ? policy::Refusal{} : result.error();
  show(rows_of(release_policy, *claims, refusal), *claims, refusal, context);
  if (result) return {};
  return denied("policy " + options.policy + " refuses the evidence: " + refusal.to_text());
}

}  // namespace vitrine::cli
