#include "cli/connection.h"

#include <fmt/format.h>

#include "base/file.h"
#include "base/hex.h"
#include "base/limits.h"
#include "cli/input.h"

namespace vitrine::cli {
namespace {

tl::unexpected<Error> no_certificate(const Global& global) {
  return malformed(
      "no service certificate to trust " + global.url + " by",
      "fetch it once, compare it with someone who knows it, and give it with --ca or VITRINE_CA: "
      "curl -sk " +
          global.url + "/node/network | jq -r .service_certificate >service_cert.pem");
}

Result<net::ClientConfig::Identity> identity_of(const Caller& caller) {
  VITRINE_TRY(const auto pem, read_text(caller.cert, limits::kPemBytesMax));
  VITRINE_TRY(const auto secret, read_secret(caller.key, limits::kPemBytesMax));
  auto certificate = crypto::Certificate::from_pem(pem);
  if (!certificate) return in_context(caller.cert, certificate.error());
  auto key = crypto::PrivateKey::from_pem(as_text(secret.reveal()));
  if (!key) return in_context(caller.key, key.error());
  return net::ClientConfig::Identity{std::move(*certificate), std::move(*key)};
}

}  // namespace

Result<std::optional<crypto::Certificate>> pinned_certificate(const Global& global) {
  std::string path = global.ca;
  if (path.empty()) {
    path = global.common + "/service_cert.pem";
    if (!exists(path)) return std::optional<crypto::Certificate>();
  }
  VITRINE_TRY(const auto pem, read_text(path, limits::kPemBytesMax));
  auto certificate = crypto::Certificate::from_pem(pem);
  if (!certificate) return in_context("service certificate " + path, certificate.error());
  return std::optional<crypto::Certificate>(std::move(*certificate));
}

Result<crypto::Certificate> required_certificate(const Global& global) {
  VITRINE_TRY(auto pinned, pinned_certificate(global));
  if (!pinned) return no_certificate(global);
  return *std::move(pinned);
}

Result<net::ClientConfig> client_config(const Context& context, const Caller& caller) {
  net::ClientConfig config;
  config.url = context.global.url;
  while (!config.url.empty() && config.url.back() == '/') config.url.pop_back();
  if (context.global.insecure) {
    config.insecure_skip_verify = true;
  } else {
    VITRINE_TRY(config.pinned, required_certificate(context.global));
  }
  if (!caller.cert.empty()) {
    VITRINE_TRY(config.identity, identity_of(caller));
  }
  return config;
}

Result<client::Service> connect(const Context& context, const Caller& caller) {
  VITRINE_TRY(auto config, client_config(context, caller));
  VITRINE_TRY(auto service, client::Service::connect(std::move(config)));
  if (!caller.token.empty()) {
    VITRINE_TRY(auto token, read_token(caller.token));
    service.set_token(std::move(token));
  }
  return service;
}

tl::unexpected<Error> with_caller_hint(Error error, const Caller& caller) {
  if (error.code == Code::denied && caller.token.empty() && caller.cert.empty()) {
    error.hint = "say who calls with --token, or with --cert and --key";
  }
  return tl::unexpected<Error>(std::move(error));
}

std::string describe(const ledger::VerifiedReceipt& verified, const ledger::Receipt& receipt) {
  return fmt::format("verified: transaction {}, signed by node {}…", ledger::to_text(verified.id),
                     receipt.node_id.substr(0, 16));
}

codec::json::Object to_json(const ledger::VerifiedReceipt& verified,
                            const ledger::Receipt& receipt) {
  codec::json::Object object;
  object["verified"] = true;
  object["transaction_id"] = ledger::to_text(verified.id);
  object["claims_digest"] = to_hex(verified.claims_digest);
  object["root"] = to_hex(verified.root);
  object["node_id"] = receipt.node_id;
  return object;
}

}  // namespace vitrine::cli
