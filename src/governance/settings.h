// Governed settings: whatever changes who can get a key and is not a policy (DESIGN.md 2, rule 6).
// Fixed at genesis; after that only governance changes them. Safe defaults; --dev picks the
// compatible ones.
#pragma once

#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "attestation/verify.h"
#include "base/result.h"
#include "codec/cbor.h"
#include "codec/json.h"

namespace vitrine::governance {

// Authentication policies in the order they are tried (kms-api.md 1.4).
enum class AuthPolicy { user_cert, member_cert, jwt, user_cose_sign1 };
std::string_view name_of(AuthPolicy policy);
Result<AuthPolicy> auth_policy_from(std::string_view name);

// The endpoints whose policy list is governed. An empty list: anyone. An endpoint that is not in
// the map is closed: an absent policy denies. "auth", "refresh", "key", "unwrapKey",
// "keyReleasePolicy", "settingsPolicy", "keyRotationPolicy", "jwtValidationPolicy", "proposals"
using EndpointPolicies = std::map<std::string, std::vector<AuthPolicy>, std::less<>>;

struct Settings {
  bool dev = false;             // fixed at genesis for ever
  bool accept_at_once = false;  // /app/proposals applies without votes: dev only
  EndpointPolicies endpoints;
  bool strict_peer_statuses = false;  // 500 where peers answer 500 for bad evidence and for keys
                                      // too small (kms-api.md 6.2, 5.1)
  std::chrono::seconds refresh_interval_min{60};
  bool auto_rotate = false;
  std::chrono::seconds clock_skew{0};  // 0 to 60
  bool jwt_audience_arrays = true;
  bool allow_published_wrapping_key = false;  // dev only
  std::uint32_t snp_report_version_min = 2;
  std::vector<attestation::SnpRoot> snp_roots;  // default_trust_anchors()
  std::vector<attestation::UvmSigner> uvm_signers;
  std::vector<std::string> profiles;  // evidence profiles this service accepts at all
  bool insecure_seal = false;         // unsealing by key file outside dev
  std::string rollback_guard = "none";
  // Users whose signed proposals POST /app/proposals takes outside dev, as open ones; ids.
  std::vector<std::string> proposers;
  // CCF's plaintext form of recovery shares: whoever terminates TLS sees them.
  bool unsafe_plaintext_shares = false;
  // Actions of CCF that mean nothing here are accepted and do nothing (set_js_app …).
  bool tolerate_no_ops = false;
  std::uint32_t recent_proposals = 100;      // replay window, 1 to 10000
  std::uint32_t certificate_days_max = 365;  // of service and node certificates

  static Settings safe_defaults();
  static Settings dev_defaults();  // the compatible ones
  // Reads the members present in a genesis file's [governed] table (as JSON) over the defaults.
  // malformed names the member, with a hint: unknown, of another type, or dev-only outside dev.
  Status merge(const codec::json::Object& governed);
  attestation::TrustAnchors trust_anchors() const;
  // Every member that is not at its default of docs/formats/governance-state.md; from_json reads
  // that back to equal settings and takes no default of this program.
  codec::json::Object to_json() const;
  static Result<Settings> from_json(const codec::json::Object& json);
  codec::cbor::Value canonical() const;  // a map, docs/formats/governance-state.md

 private:
  Status read(const codec::json::Object& members, std::string_view what);
  Status check() const;  // what no service may be governed to be
};

// The evidence profiles this program can verify.
bool is_known_profile(std::string_view name);

}  // namespace vitrine::governance
