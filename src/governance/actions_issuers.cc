// Issuers of tokens and the roots of their TLS certificates (kms-api.md 8.3).
#include <algorithm>
#include <array>

#include "governance/action_args.h"
#include "governance/action_table.h"
#include "governance/issuer_discovery.h"
#include "governance/json_fields.h"

namespace vitrine::governance {
namespace {

namespace cbor = codec::cbor;
using codec::json::Object;

constexpr std::size_t kBundleNameBytesMax = 256;

Result<std::string> issuer_arg(const Object& args) {
  return text_arg(args, "issuer", kIssuerBytesMax);
}

Result<std::vector<crypto::Jwk>> keys_arg(const Object& args) {
  VITRINE_TRY(const auto* jwks, object_arg(args, "jwks"));
  auto keys = crypto::jwks_from_json(*jwks);
  if (!keys) return in_context("jwks", keys.error());
  if (keys->size() > kIssuerKeysMax) return malformed("jwks: over 64 keys");
  return keys;
}

tl::unexpected<Error> not_set(std::string_view what, std::string_view name) {
  return malformed(std::string(what) + " " + quoted(name) + " is not set");
}

// The bundle that vouches for the issuer, where one is named.
Result<std::string> bundle_arg(const State& state, const Object& args) {
  if (!is_given(args, "ca_cert_bundle_name")) return std::string();
  VITRINE_TRY(auto name, text_arg(args, "ca_cert_bundle_name", kBundleNameBytesMax));
  if (state.ca_cert_bundles.find(name) == state.ca_cert_bundles.end()) {
    return malformed("ca_cert_bundle_name: no CA bundle " + quoted(name) + " is set",
                     "set it with set_ca_cert_bundle, before this action");
  }
  return name;
}

Status check_refresh(const std::string& issuer, const std::string& bundle) {
  if (auto status = check_refreshable(issuer); !status) {
    return in_context("auto_refresh", status.error());
  }
  if (bundle.empty()) {
    return malformed(
        "auto_refresh: ca_cert_bundle_name is missing: nothing would vouch for "
        "whoever answers as the issuer");
  }
  return {};
}

Status set_jwt_issuer(Change& change, const Object& args) {
  VITRINE_TRY(auto issuer, issuer_arg(args));
  // The last two are of older versions of CCF; scripts still send them.
  VITRINE_CHECK(check_args(
      args, {"issuer", "auto_refresh", "ca_cert_bundle_name", "jwks", "key_filter", "key_policy"}));
  bool auto_refresh = false;
  if (is_given(args, "auto_refresh")) {
    VITRINE_CHECK(read_bool("args", args, "auto_refresh", auto_refresh));
  }
  VITRINE_TRY(auto bundle, bundle_arg(change.state, args));
  if (auto_refresh) VITRINE_CHECK(check_refresh(issuer, bundle));
  std::optional<std::vector<crypto::Jwk>> keys;
  if (is_given(args, "jwks")) {
    VITRINE_TRY(keys, keys_arg(args));
  }
  auto& stored = change.state.issuers[std::move(issuer)];
  stored.auto_refresh = auto_refresh;
  stored.ca_cert_bundle_name = std::move(bundle);
  if (keys) stored.keys = *std::move(keys);
  return {};
}

Status set_jwt_public_signing_keys(Change& change, const Object& args) {
  VITRINE_TRY(const auto issuer, issuer_arg(args));
  VITRINE_CHECK(check_args(args, {"issuer", "jwks"}));
  const auto found = change.state.issuers.find(issuer);
  if (found == change.state.issuers.end()) return not_set("issuer", issuer);
  VITRINE_TRY(found->second.keys, keys_arg(args));
  return {};
}

Status remove_jwt_issuer(Change& change, const Object& args) {
  VITRINE_TRY(const auto issuer, issuer_arg(args));
  VITRINE_CHECK(check_args(args, {"issuer"}));
  if (change.state.issuers.erase(issuer) == 0) return not_set("issuer", issuer);
  return {};
}

Status set_ca_cert_bundle(Change& change, const Object& args) {
  VITRINE_TRY(auto name, text_arg(args, "name", kBundleNameBytesMax));
  VITRINE_CHECK(check_args(args, {"name", "cert_bundle"}));
  const auto pem = codec::json::text_of(args, "cert_bundle");
  if (!pem) return malformed("cert_bundle is not text");
  if (auto read = certificates_of_bundle(*pem); !read) {
    return in_context("cert_bundle", read.error());
  }
  change.state.ca_cert_bundles[std::move(name)] = std::string(*pem);
  return {};
}

Status remove_ca_cert_bundle(Change& change, const Object& args) {
  VITRINE_TRY(const auto name, text_arg(args, "name", kBundleNameBytesMax));
  VITRINE_CHECK(check_args(args, {"name"}));
  for (const auto& [issuer, stored] : change.state.issuers) {
    if (stored.auto_refresh && stored.ca_cert_bundle_name == name) {
      return conflict("issuer " + quoted(issuer) + " is refreshed with it",
                      "set that issuer without auto_refresh, or with another bundle, first");
    }
  }
  if (change.state.ca_cert_bundles.erase(name) == 0) return not_set("CA bundle", name);
  return {};
}

// Keys that the service fetches by itself are nobody's proposal: they don't count.
cbor::Value issuer_target(const State& state, const Object& args) {
  const auto found = state.issuers.find(codec::json::text_of(args, "issuer").value_or(""));
  if (found == state.issuers.end()) return {};
  const auto& issuer = found->second;
  std::vector<cbor::Value> parts = {cbor::Value::boolean(issuer.auto_refresh),
                                    cbor::Value::text(issuer.ca_cert_bundle_name)};
  if (!issuer.auto_refresh) {
    parts.push_back(cbor::Value::text(codec::json::write(jwks_to_json(issuer.keys))));
  }
  return cbor::Value::array(std::move(parts));
}

cbor::Value bundle_target(const State& state, const Object& args) {
  const auto found = state.ca_cert_bundles.find(codec::json::text_of(args, "name").value_or(""));
  return found == state.ca_cert_bundles.end() ? cbor::Value() : cbor::Value::text(found->second);
}

constexpr std::array kRows = std::to_array<ActionRow>({
    {"set_jwt_issuer", set_jwt_issuer, issuer_target},
    {"set_jwt_public_signing_keys", set_jwt_public_signing_keys, issuer_target},
    {"remove_jwt_issuer", remove_jwt_issuer, nullptr},
    {"set_ca_cert_bundle", set_ca_cert_bundle, bundle_target},
    {"remove_ca_cert_bundle", remove_ca_cert_bundle, nullptr},
});

}  // namespace

std::span<const ActionRow> issuer_actions() { return kRows; }

}  // namespace vitrine::governance
