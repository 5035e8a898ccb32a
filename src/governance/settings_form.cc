// The settings as JSON and in canonical form (docs/formats/governance-state.md). A member at its
// format's default is absent from both.
#include "base/hex.h"
#include "governance/settings.h"

namespace vitrine::governance {
namespace {

namespace cbor = codec::cbor;
using codec::json::Array;
using codec::json::Object;

struct Flag {
  int key;
  const char* name;
  bool Settings::*member;
};
constexpr Flag kFlags[] = {
    {1, "dev", &Settings::dev},
    {2, "accept_at_once", &Settings::accept_at_once},
    {4, "strict_peer_statuses", &Settings::strict_peer_statuses},
    {6, "auto_rotate", &Settings::auto_rotate},
    {8, "jwt_audience_arrays", &Settings::jwt_audience_arrays},
    {9, "allow_published_wrapping_key", &Settings::allow_published_wrapping_key},
    {14, "insecure_seal", &Settings::insecure_seal},
    {17, "unsafe_plaintext_shares", &Settings::unsafe_plaintext_shares},
    {18, "tolerate_no_ops", &Settings::tolerate_no_ops},
};

// The settings of a state whose every member is absent.
Settings format_defaults() {
  Settings settings;
  settings.jwt_audience_arrays = false;
  settings.refresh_interval_min = std::chrono::seconds(0);
  settings.snp_report_version_min = 0;
  return settings;
}

Object to_json(const attestation::SnpRoot& root) {
  Object json;
  json["product"] = root.product;
  json["spki_sha256"] = to_hex(root.spki_sha256);
  json["simulated"] = root.simulated;
  return json;
}

Object to_json(const attestation::UvmSigner& signer) {
  Object json;
  json["did"] = signer.did;
  json["feed"] = signer.feed;
  json["svn_min"] = static_cast<std::int64_t>(signer.svn_min);
  json["root_spki_sha256"] = to_hex(signer.root_spki_sha256);
  json["simulated"] = signer.simulated;
  return json;
}

cbor::Value to_cbor(const attestation::SnpRoot& root) {
  return cbor::Value::array({cbor::Value::text(root.product), cbor::Value::bytes(root.spki_sha256),
                             cbor::Value::boolean(root.simulated)});
}

cbor::Value to_cbor(const attestation::UvmSigner& signer) {
  return cbor::Value::array({cbor::Value::text(signer.did), cbor::Value::text(signer.feed),
                             cbor::Value::uint(signer.svn_min),
                             cbor::Value::bytes(signer.root_spki_sha256),
                             cbor::Value::boolean(signer.simulated)});
}

template <class T>
Array json_list(const std::vector<T>& items) {
  Array list;
  for (const auto& item : items) list.push_back(to_json(item));
  return list;
}

template <class T>
cbor::Value cbor_list(const std::vector<T>& items) {
  std::vector<cbor::Value> list;
  for (const auto& item : items) list.push_back(to_cbor(item));
  return cbor::Value::array(std::move(list));
}

Array json_texts(const std::vector<std::string>& texts) {
  Array list;
  for (const auto& text : texts) list.emplace_back(text);
  return list;
}

cbor::Value cbor_texts(const std::vector<std::string>& texts) {
  std::vector<cbor::Value> list;
  for (const auto& text : texts) list.push_back(cbor::Value::text(text));
  return cbor::Value::array(std::move(list));
}

Object endpoints_json(const EndpointPolicies& endpoints) {
  Object json;
  for (const auto& [name, policies] : endpoints) {
    Array names;
    for (const auto policy : policies) names.emplace_back(name_of(policy));
    json[name] = std::move(names);
  }
  return json;
}

cbor::Value endpoints_cbor(const EndpointPolicies& endpoints) {
  std::vector<cbor::Value::Entry> entries;
  for (const auto& [name, policies] : endpoints) {
    std::vector<cbor::Value> names;
    for (const auto policy : policies) names.push_back(cbor::Value::text(name_of(policy)));
    entries.emplace_back(cbor::Value::text(name), cbor::Value::array(std::move(names)));
  }
  return cbor::Value::map(std::move(entries));
}

}  // namespace

Object Settings::to_json() const {
  Object json;
  for (const auto& flag : kFlags) {
    if (this->*flag.member) json[flag.name] = true;
  }
  if (!endpoints.empty()) json["endpoints"] = endpoints_json(endpoints);
  if (refresh_interval_min.count() != 0) {
    json["refresh_interval_seconds_min"] = refresh_interval_min.count();
  }
  if (clock_skew.count() != 0) json["clock_skew_seconds"] = clock_skew.count();
  if (snp_report_version_min != 0)
    json["snp_report_version_min"] = std::int64_t{snp_report_version_min};
  if (!snp_roots.empty()) json["snp_roots"] = json_list(snp_roots);
  if (!uvm_signers.empty()) json["uvm_signers"] = json_list(uvm_signers);
  if (!profiles.empty()) json["profiles"] = json_texts(profiles);
  if (rollback_guard != "none") json["rollback_guard"] = rollback_guard;
  if (!proposers.empty()) json["proposers"] = json_texts(proposers);
  const Settings defaults = format_defaults();
  if (recent_proposals != defaults.recent_proposals)
    json["recent_proposals"] = std::int64_t{recent_proposals};
  if (certificate_days_max != defaults.certificate_days_max)
    json["certificate_days_max"] = std::int64_t{certificate_days_max};
  return json;
}

Result<Settings> Settings::from_json(const Object& json) {
  auto settings = format_defaults();
  VITRINE_CHECK(settings.read(json, "settings"));
  return settings;
}

cbor::Value Settings::canonical() const {
  std::vector<cbor::Value::Entry> entries;
  const auto put = [&](std::uint64_t key, cbor::Value value) {
    entries.emplace_back(cbor::Value::uint(key), std::move(value));
  };
  for (const auto& flag : kFlags) {
    if (this->*flag.member) put(static_cast<std::uint64_t>(flag.key), cbor::Value::boolean(true));
  }
  if (!endpoints.empty()) put(3, endpoints_cbor(endpoints));
  if (refresh_interval_min.count() != 0) {
    put(5, cbor::Value::integer(refresh_interval_min.count()));
  }
  if (clock_skew.count() != 0) put(7, cbor::Value::integer(clock_skew.count()));
  if (snp_report_version_min != 0) put(10, cbor::Value::uint(snp_report_version_min));
  if (!snp_roots.empty()) put(11, cbor_list(snp_roots));
  if (!uvm_signers.empty()) put(12, cbor_list(uvm_signers));
  if (!profiles.empty()) put(13, cbor_texts(profiles));
  if (rollback_guard != "none") put(15, cbor::Value::text(rollback_guard));
  if (!proposers.empty()) put(16, cbor_texts(proposers));
  const Settings defaults = format_defaults();
  if (recent_proposals != defaults.recent_proposals) put(19, cbor::Value::uint(recent_proposals));
  if (certificate_days_max != defaults.certificate_days_max)
    put(20, cbor::Value::uint(certificate_days_max));
  return cbor::Value::map(std::move(entries));
}

}  // namespace vitrine::governance
