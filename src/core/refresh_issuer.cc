#include "core/refresh_issuer.h"

#include "governance/issuer_discovery.h"
#include "ledger/entries.h"

namespace vitrine::core {
namespace {

// What governance says of an issuer, and its answers are judged by.
struct Asked {
  std::string bundle_name;
  std::string bundle;  // PEM
  std::vector<crypto::Jwk> keys;
};

Result<Asked> asked_of(const governance::State& state, const std::string& issuer) {
  const auto stored = state.issuers.find(issuer);
  if (stored == state.issuers.end() || !stored->second.auto_refresh)
    return not_found("issuer " + issuer + " is not one whose keys are fetched");
  const std::string& name = stored->second.ca_cert_bundle_name;
  const auto bundle = state.ca_cert_bundles.find(name);
  if (bundle == state.ca_cert_bundles.end()) {
    return unavailable("CA bundle " + name + " is not stored", "set_ca_cert_bundle stores it");
  }
  return Asked{name, bundle->second, stored->second.keys};
}

Result<std::vector<crypto::Jwk>> fetch_keys(IssuerSource& source, const std::string& issuer,
                                            const std::string& bundle) {
  VITRINE_TRY(const auto roots, governance::certificates_of_bundle(bundle));
  VITRINE_TRY(const std::string document,
              source.get(governance::discovery_url(issuer), roots, kDiscoveryBytesMax));
  VITRINE_TRY(const std::string keys_url, governance::jwks_uri_in(document, issuer));
  VITRINE_TRY(const std::string jwks, source.get(keys_url, roots, kJwksBytesMax));
  return governance::keys_in(jwks, issuer);
}

}  // namespace

Result<RefreshedKeys> refresh_issuer(Core& core, IssuerSource& source, const std::string& issuer) {
  VITRINE_TRY(const Asked asked, asked_of(*core.view()->state.governance, issuer));
  VITRINE_TRY(const auto keys, fetch_keys(source, issuer, asked.bundle));
  if (governance::same_keys(keys, asked.keys)) return RefreshedKeys{keys.size(), std::nullopt};

  const std::string text = codec::json::write(governance::jwks_to_json(keys));
  const ledger::IssuerKeysRefreshed entry{
      issuer, ledger::blob_ref(as_bytes(text), "application/jwk-set+json")};
  const Decide decide = [&](const State& newest, Time) -> Result<Draft> {
    // Keys that one bundle vouched for are not stored for an issuer that now has another.
    const auto now = asked_of(*newest.governance, issuer);
    if (!now) return tl::unexpected<Error>(now.error());
    if (now->bundle_name != asked.bundle_name || now->bundle != asked.bundle)
      return conflict("the issuer's CA bundle changed while its keys were fetched");
    return Draft{ledger::Kind::issuer_keys_refreshed,
                 ledger::encode(entry),
                 {},
                 {},
                 to_bytes(as_bytes(text))};
  };
  VITRINE_TRY(const auto appended, core.append(decide));
  return RefreshedKeys{keys.size(), appended.id};
}

}  // namespace vitrine::core
