// vitrine token dev: tokens of the development issuer (kms-api.md 7.4). Its key lies in the clear
// beside the service's data: only a service born with --dev knows it.
#include <fmt/format.h>

#include <algorithm>

#include "base/file.h"
#include "base/limits.h"
#include "cli/commands.h"
#include "cli/input.h"
#include "crypto/jws.h"

namespace vitrine::cli {
namespace {

constexpr std::string_view kDevKid = "Demo IDP kid";
constexpr std::size_t kDevKeyBits = 2048;
constexpr std::int64_t kHour = 3600;

std::string key_path(const Global& global) { return global.common + "/jwt_issuer_privk.pem"; }
std::string jwks_path(const Global& global) { return global.common + "/jwt_issuer_jwks.json"; }

Status make_issuer(const Global& global) {
  VITRINE_TRY(const auto key, crypto::PrivateKey::generate(crypto::KeyKind::rsa, kDevKeyBits));
  codec::json::Object jwks;
  jwks["keys"] = codec::json::Array{
      crypto::jwk_to_json(key.public_key(), kDevKid, crypto::JwsAlgorithm::rs256)};
  VITRINE_CHECK(write_private(key_path(global), key.pem().reveal()));
  return write_public(jwks_path(global), as_bytes(codec::json::write_pretty(jwks) + "\n"));
}

struct Issuer {
  crypto::PrivateKey key;
  std::string kid;
  crypto::JwsAlgorithm algorithm;
};

Result<Issuer> read_issuer(const Global& global) {
  VITRINE_TRY(const auto secret, read_secret(key_path(global), limits::kPemBytesMax));
  auto key = crypto::PrivateKey::from_pem(as_text(secret.reveal()));
  if (!key) return in_context(key_path(global), key.error());
  VITRINE_TRY(const auto json, read_json(jwks_path(global)));
  const auto jwks = crypto::jwks_from_json(json);
  if (!jwks) return in_context(jwks_path(global), jwks.error());
  for (const auto& jwk : *jwks) {
    if (jwk.key == key->public_key()) return Issuer{std::move(*key), jwk.kid, jwk.algorithm};
  }
  return malformed(jwks_path(global) + " has no key that belongs to " + key_path(global));
}

// "n=5" is the number, "ok=true" the boolean, "roles=[…]" the array, anything else text.
Status set_claim(codec::json::Object& payload, std::string_view claim) {
  const auto equals = claim.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return malformed("--claim " + std::string(claim) + ": not of the form name=value");
  }
  const auto name = claim.substr(0, equals);
  const auto text = claim.substr(equals + 1);
  auto value = codec::json::parse(text);
  payload[name] = value ? std::move(*value) : codec::json::Value(text);
  return {};
}

Result<codec::json::Object> payload_of(const TokenDevOptions& options, Time now) {
  const std::int64_t seconds = to_unix_seconds(now);
  const std::int64_t expires = seconds + options.expires_seconds;
  // An expired token was valid once.
  const std::int64_t issued = std::min(seconds, expires - kHour);
  codec::json::Object payload;
  payload["iss"] = options.issuer;
  payload["sub"] = "c0d8e9a7-6b8e-4e1f-9e4a-3b2c1d0f5a6b";
  payload["name"] = "Cool caller";
  payload["nbf"] = options.expires_seconds > 0 ? seconds : issued;
  payload["iat"] = options.expires_seconds > 0 ? seconds : issued;
  payload["exp"] = expires;
  for (const auto& claim : options.claims) VITRINE_CHECK(set_claim(payload, claim));
  return payload;
}

}  // namespace

Status run_token_dev(const TokenDevOptions& options, Context& context) {
  const Global& global = context.global;
  if (!exists(key_path(global))) {
    if (!options.make) {
      return not_found("token: the development issuer has no key at " + key_path(global),
                       "`vitrined --dev` makes it; or give --make, or its folder with --common");
    }
    VITRINE_CHECK(make_issuer(global));
    context.out.note("made a development issuer's key: " + key_path(global));
  }
  VITRINE_TRY(const auto issuer, read_issuer(global));
  VITRINE_TRY(const auto payload, payload_of(options, context.clock.now()));
  codec::json::Object header;
  header["alg"] = crypto::name_of(issuer.algorithm);
  header["typ"] = "JWT";
  header["kid"] = issuer.kid;
  VITRINE_TRY(auto token, crypto::sign_jws(header, payload, issuer.algorithm, issuer.key));
  if (!options.out.empty()) {
    token += '\n';
    VITRINE_CHECK(write_private(options.out, as_bytes(token)));
  }
  codec::json::Object document;
  document["header"] = header;
  document["payload"] = payload;
  if (options.out.empty()) {
    document["token"] = token;
    context.out.result(token + "\n", document);
    return {};
  }
  document["out"] = options.out;
  context.out.result("token written to " + options.out + " (mode 0600)\n", document);
  return {};
}

}  // namespace vitrine::cli
