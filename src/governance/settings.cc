#include "governance/settings.h"

#include <algorithm>
#include <array>

#include "governance/json_fields.h"

namespace vitrine::governance {
namespace {

using codec::json::Object;

struct NamedPolicy {
  AuthPolicy policy;
  std::string_view name;
};
constexpr std::array kAuthPolicies = std::to_array<NamedPolicy>({
    {AuthPolicy::user_cert, "user_cert"},
    {AuthPolicy::member_cert, "member_cert"},
    {AuthPolicy::jwt, "jwt"},
    {AuthPolicy::user_cose_sign1, "user_cose_sign1"},
});

constexpr std::array kProfiles = std::to_array<std::string_view>({"snp-aci", "snp"});

// What all services begin with, strict or compatible.
Settings common_defaults() {
  Settings settings;
  const auto anchors = attestation::default_trust_anchors();
  settings.snp_roots = anchors.snp_roots;
  settings.uvm_signers = anchors.uvm_signers;
  settings.snp_report_version_min = anchors.snp_report_version_min;
  settings.profiles.assign(kProfiles.begin(), kProfiles.end());
  settings.endpoints = {
      {"auth", {AuthPolicy::user_cert, AuthPolicy::member_cert, AuthPolicy::jwt}},
      {"refresh", {AuthPolicy::jwt}},
      {"key", {AuthPolicy::jwt}},
      {"unwrapKey", {AuthPolicy::jwt}},
      {"keyReleasePolicy", {}},
      {"settingsPolicy", {}},
      {"keyRotationPolicy", {}},
      {"jwtValidationPolicy", {}},
      {"proposals", {AuthPolicy::user_cose_sign1}},
  };
  return settings;
}

}  // namespace

std::string_view name_of(AuthPolicy policy) {
  return std::find_if(kAuthPolicies.begin(), kAuthPolicies.end(),
                      [&](const NamedPolicy& each) { return each.policy == policy; })
      ->name;
}

Result<AuthPolicy> auth_policy_from(std::string_view name) {
  for (const auto& each : kAuthPolicies) {
    if (each.name == name) return each.policy;
  }
  return malformed("unknown authentication policy " + quoted(name),
                   "known are user_cert, member_cert, jwt and user_cose_sign1");
}

bool is_known_profile(std::string_view name) {
  return std::find(kProfiles.begin(), kProfiles.end(), name) != kProfiles.end();
}

Settings Settings::safe_defaults() { return common_defaults(); }

Settings Settings::dev_defaults() {
  auto settings = common_defaults();
  settings.dev = true;
  settings.accept_at_once = true;
  settings.endpoints["refresh"] = {};
  settings.strict_peer_statuses = true;
  settings.refresh_interval_min = std::chrono::seconds(0);
  settings.allow_published_wrapping_key = true;
  settings.tolerate_no_ops = true;
  return settings;
}

Status Settings::merge(const Object& governed) {
  if (codec::json::find(governed, "dev") != nullptr) {
    return malformed("governed: dev is fixed when the ledger is born", "start with --dev");
  }
  Settings next = *this;  // all or nothing
  VITRINE_CHECK(next.read(governed, "governed"));
  VITRINE_CHECK(next.check());
  *this = std::move(next);
  return {};
}

Status Settings::check() const {
  for (const auto& profile : profiles) {
    if (!is_known_profile(profile)) {
      return malformed("governed: profiles: unknown profile " + quoted(profile),
                       "known are snp-aci and snp");
    }
  }
  if (profiles.empty()) return malformed("governed: profiles: none, so no evidence would ever do");
  if (rollback_guard != "none") {
    return malformed("governed: rollback_guard: unknown guard " + quoted(rollback_guard),
                     "this release knows none alone");
  }
  for (const auto& [name, policies] : endpoints) {
    const bool by_cose =
        std::find(policies.begin(), policies.end(), AuthPolicy::user_cose_sign1) != policies.end();
    // A signed body is a proposal; nothing else has one, and a proposal has nothing else.
    if (by_cose != (name == "proposals") || (by_cose && policies.size() != 1)) {
      return malformed("governed: endpoints." + name +
                       ": user_cose_sign1 is for proposals, and proposals for it alone");
    }
  }
  if (dev) return {};

  const std::string why = " is for services born with --dev alone";
  if (accept_at_once) return malformed("governed: accept_at_once" + why);
  if (allow_published_wrapping_key) {
    return malformed("governed: allow_published_wrapping_key" + why);
  }
  for (const auto& root : snp_roots) {
    if (root.simulated) return malformed("governed: snp_roots: a simulated root" + why);
  }
  for (const auto& signer : uvm_signers) {
    if (signer.simulated) return malformed("governed: uvm_signers: a simulated signer" + why);
  }
  for (const std::string_view name : {"key", "unwrapKey"}) {
    const auto found = endpoints.find(name);
    if (found != endpoints.end() && found->second.empty()) {
      return malformed("governed: endpoints." + found->first + ": no policy: open to anyone" + why);
    }
  }
  const auto refresh = endpoints.find("refresh");
  if (refresh != endpoints.end() && refresh->second.empty() && refresh_interval_min.count() == 0) {
    return malformed("governed: endpoints.refresh: open to anyone without a minimum interval" + why,
                     "set refresh_interval_seconds_min, or name a policy");
  }
  return {};
}

attestation::TrustAnchors Settings::trust_anchors() const {
  return {snp_roots, uvm_signers, snp_report_version_min};
}

}  // namespace vitrine::governance
