// Settings out of JSON: a genesis file's [governed] table, or what a ledger holds
// (docs/formats/governance-state.md).
#include <array>

#include "base/hex.h"
#include "governance/json_fields.h"
#include "governance/settings.h"

namespace vitrine::governance {
namespace {

using codec::json::Object;
using codec::json::Value;

constexpr std::array kEndpoints = std::to_array<std::string_view>(
    {"auth", "refresh", "key", "unwrapKey", "keyReleasePolicy", "settingsPolicy",
     "keyRotationPolicy", "jwtValidationPolicy", "proposals"});

constexpr std::array kMembers = std::to_array<std::string_view>({"dev",
                                                                 "accept_at_once",
                                                                 "endpoints",
                                                                 "strict_peer_statuses",
                                                                 "refresh_interval_seconds_min",
                                                                 "auto_rotate",
                                                                 "clock_skew_seconds",
                                                                 "jwt_audience_arrays",
                                                                 "allow_published_wrapping_key",
                                                                 "snp_report_version_min",
                                                                 "snp_roots",
                                                                 "uvm_signers",
                                                                 "profiles",
                                                                 "insecure_seal",
                                                                 "rollback_guard",
                                                                 "proposers",
                                                                 "unsafe_plaintext_shares",
                                                                 "tolerate_no_ops",
                                                                 "recent_proposals",
                                                                 "certificate_days_max"});

constexpr std::int64_t kRefreshIntervalSecondsMax = 366LL * 24 * 60 * 60;
constexpr std::int64_t kClockSkewSecondsMax = 60;  // attestation.md 1.3
constexpr std::int64_t kSnpReportVersionMax = 100;
constexpr std::int64_t kRecentProposalsMax = 10'000;  // ccf.md 2
constexpr std::int64_t kCertificateDaysMax = 3'650;

Result<EndpointPolicies> endpoints_from(const Value& value, EndpointPolicies endpoints) {
  const auto* object = value.if_object();
  if (object == nullptr) return malformed("endpoints is not an object");
  VITRINE_CHECK(check_known("endpoints", *object, kEndpoints));
  for (const auto& member : *object) {
    const std::string what = "endpoints." + std::string(key_of(member));
    VITRINE_TRY(const auto names, names_from(what, member.value()));
    std::vector<AuthPolicy> policies;
    for (const auto& name : names) {
      auto policy = auth_policy_from(name);
      if (!policy) return in_context(what, policy.error());
      policies.push_back(*policy);
    }
    endpoints[std::string(key_of(member))] = std::move(policies);
  }
  return endpoints;
}

Result<std::vector<attestation::SnpRoot>> roots_from(const Value& value) {
  constexpr std::array kRootMembers =
      std::to_array<std::string_view>({"product", "spki_sha256", "simulated"});
  const auto* list = value.if_array();
  if (list == nullptr) return malformed("snp_roots is not a list");
  std::vector<attestation::SnpRoot> roots;
  for (const auto& each : *list) {
    const auto* object = each.if_object();
    if (object == nullptr) return malformed("snp_roots: an element is not an object");
    VITRINE_CHECK(check_known("snp_roots", *object, kRootMembers));
    attestation::SnpRoot root;
    VITRINE_TRY(root.product, required_text("snp_roots", *object, "product"));
    VITRINE_TRY(root.spki_sha256, required_digest("snp_roots", *object, "spki_sha256"));
    VITRINE_CHECK(read_bool("snp_roots", *object, "simulated", root.simulated));
    roots.push_back(std::move(root));
  }
  return roots;
}

Result<std::vector<attestation::UvmSigner>> signers_from(const Value& value) {
  constexpr std::array kSignerMembers =
      std::to_array<std::string_view>({"did", "feed", "svn_min", "root_spki_sha256", "simulated"});
  const auto* list = value.if_array();
  if (list == nullptr) return malformed("uvm_signers is not a list");
  std::vector<attestation::UvmSigner> signers;
  for (const auto& each : *list) {
    const auto* object = each.if_object();
    if (object == nullptr) return malformed("uvm_signers: an element is not an object");
    VITRINE_CHECK(check_known("uvm_signers", *object, kSignerMembers));
    attestation::UvmSigner signer;
    std::int64_t svn_min = 0;
    VITRINE_TRY(signer.did, required_text("uvm_signers", *object, "did"));
    VITRINE_TRY(signer.feed, required_text("uvm_signers", *object, "feed"));
    VITRINE_CHECK(read_integer("uvm_signers", *object, "svn_min", 0, INT64_MAX, svn_min));
    VITRINE_TRY(signer.root_spki_sha256,
                required_digest("uvm_signers", *object, "root_spki_sha256"));
    VITRINE_CHECK(read_bool("uvm_signers", *object, "simulated", signer.simulated));
    signer.svn_min = static_cast<std::uint64_t>(svn_min);
    signers.push_back(std::move(signer));
  }
  return signers;
}

Result<std::vector<std::string>> ids_from(std::string_view what, const Value& value) {
  VITRINE_TRY(auto ids, names_from(what, value));
  for (const std::string& id : ids) {
    if (!digest_from_hex(id))
      return malformed(std::string(what) + ": " + quoted(id) +
                       " is not the id of a user, 64 hexadecimal digits");
  }
  return ids;
}

}  // namespace

Status Settings::read(const Object& members, std::string_view what) {
  VITRINE_CHECK(check_known(what, members, kMembers));
  std::int64_t refresh = refresh_interval_min.count(), skew = clock_skew.count(),
               version = snp_report_version_min, recent = recent_proposals,
               days = certificate_days_max;
  VITRINE_CHECK(read_bool(what, members, "dev", dev));
  VITRINE_CHECK(read_bool(what, members, "accept_at_once", accept_at_once));
  VITRINE_CHECK(read_bool(what, members, "strict_peer_statuses", strict_peer_statuses));
  VITRINE_CHECK(read_integer(what, members, "refresh_interval_seconds_min", 0,
                             kRefreshIntervalSecondsMax, refresh));
  VITRINE_CHECK(read_bool(what, members, "auto_rotate", auto_rotate));
  VITRINE_CHECK(read_integer(what, members, "clock_skew_seconds", 0, kClockSkewSecondsMax, skew));
  VITRINE_CHECK(read_bool(what, members, "jwt_audience_arrays", jwt_audience_arrays));
  VITRINE_CHECK(
      read_bool(what, members, "allow_published_wrapping_key", allow_published_wrapping_key));
  VITRINE_CHECK(
      read_integer(what, members, "snp_report_version_min", 2, kSnpReportVersionMax, version));
  VITRINE_CHECK(read_bool(what, members, "insecure_seal", insecure_seal));
  VITRINE_CHECK(read_bool(what, members, "unsafe_plaintext_shares", unsafe_plaintext_shares));
  VITRINE_CHECK(read_bool(what, members, "tolerate_no_ops", tolerate_no_ops));
  VITRINE_CHECK(read_integer(what, members, "recent_proposals", 1, kRecentProposalsMax, recent));
  VITRINE_CHECK(read_integer(what, members, "certificate_days_max", 1, kCertificateDaysMax, days));
  recent_proposals = static_cast<std::uint32_t>(recent);
  certificate_days_max = static_cast<std::uint32_t>(days);
  refresh_interval_min = std::chrono::seconds(refresh);
  clock_skew = std::chrono::seconds(skew);
  snp_report_version_min = static_cast<std::uint32_t>(version);

  const auto of = [&](Error error) { return in_context(std::string(what), std::move(error)); };
  if (const auto* value = codec::json::find(members, "endpoints")) {
    auto read = endpoints_from(*value, endpoints);
    if (!read) return of(read.error());
    endpoints = *std::move(read);
  }
  if (const auto* value = codec::json::find(members, "snp_roots")) {
    auto read = roots_from(*value);
    if (!read) return of(read.error());
    snp_roots = *std::move(read);
  }
  if (const auto* value = codec::json::find(members, "uvm_signers")) {
    auto read = signers_from(*value);
    if (!read) return of(read.error());
    uvm_signers = *std::move(read);
  }
  if (const auto* value = codec::json::find(members, "profiles")) {
    auto read = names_from("profiles", *value);
    if (!read) return of(read.error());
    profiles = *std::move(read);
  }
  if (const auto* value = codec::json::find(members, "proposers")) {
    auto read = ids_from("proposers", *value);
    if (!read) return of(read.error());
    proposers = *std::move(read);
  }
  if (codec::json::find(members, "rollback_guard") != nullptr) {
    VITRINE_TRY(rollback_guard, required_text(what, members, "rollback_guard"));
  }
  return {};
}

}  // namespace vitrine::governance
