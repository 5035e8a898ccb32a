// JSON Web Keys (RFC 7517), public ones only: RSA, EC P-256/P-384, from n/e, x/y or x5c.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "codec/json.h"
#include "crypto/key.h"

namespace vitrine::crypto {

enum class JwsAlgorithm { rs256, ps256, ps384, es256, es384 };
std::string_view name_of(JwsAlgorithm algorithm);  // "RS256"
Result<JwsAlgorithm> jws_algorithm_from(std::string_view name);
SignatureAlgorithm signature_algorithm_of(JwsAlgorithm algorithm);

struct Jwk {
  std::string kid;
  JwsAlgorithm algorithm;  // from "alg"; without it RSA is RS256, P-256 is ES256 (decisions.md,
                           // Wire), P-384 is ES384
  PublicKey key;
};
// Members that are null count as absent. n/e and x5c together must be the same key; x5c's first
// entry is used. malformed names the member.
Result<Jwk> jwk_from_json(const codec::json::Object& jwk);
// {"keys":[…]}; each with a kid.
Result<std::vector<Jwk>> jwks_from_json(const codec::json::Object& jwks);
codec::json::Object jwk_to_json(const PublicKey& key, std::string_view kid, JwsAlgorithm algorithm);

}  // namespace vitrine::crypto
