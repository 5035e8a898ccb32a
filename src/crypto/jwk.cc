#include "crypto/jwk.h"

#include <algorithm>

#include "base/base64.h"
#include "base/limits.h"
#include "crypto/curve.h"
#include "crypto/x509.h"

namespace vitrine::crypto {
namespace {

namespace json = codec::json;

struct AlgorithmRow {
  JwsAlgorithm algorithm;
  std::string_view name;
  SignatureAlgorithm signature;
  KeyKind kind;
};
constexpr AlgorithmRow kAlgorithms[] = {
    {JwsAlgorithm::rs256, "RS256", SignatureAlgorithm::rsa_pkcs1_sha256, KeyKind::rsa},
    {JwsAlgorithm::ps256, "PS256", SignatureAlgorithm::rsa_pss_sha256, KeyKind::rsa},
    {JwsAlgorithm::ps384, "PS384", SignatureAlgorithm::rsa_pss_sha384, KeyKind::rsa},
    {JwsAlgorithm::es256, "ES256", SignatureAlgorithm::ecdsa_sha256_raw, KeyKind::ec_p256},
    {JwsAlgorithm::es384, "ES384", SignatureAlgorithm::ecdsa_sha384_raw, KeyKind::ec_p384},
};

const AlgorithmRow& row_of(JwsAlgorithm algorithm) {
  for (const AlgorithmRow& row : kAlgorithms) {
    if (row.algorithm == algorithm) return row;
  }
  VITRINE_ASSERT(!"a JwsAlgorithm outside the table");
  return kAlgorithms[0];
}

// The member, or nullptr where it is absent or null.
const json::Value* member(const json::Object& jwk, std::string_view name) {
  const json::Value* const found = json::find(jwk, name);
  return found != nullptr && found->is_null() ? nullptr : found;
}

tl::unexpected<Error> wrong(std::string_view name, std::string_view reason) {
  return malformed("jwk: " + std::string(name) + ": " + std::string(reason));
}

// A view into `jwk`.
Result<std::optional<std::string_view>> optional_text(const json::Object& jwk,
                                                      std::string_view name) {
  const json::Value* const found = member(jwk, name);
  if (found == nullptr) return std::nullopt;
  if (!found->is_string()) return wrong(name, "not text");
  return json::text_view(found->get_string());
}

Result<Bytes> required_octets(const json::Object& jwk, std::string_view name) {
  VITRINE_TRY(const auto text, optional_text(jwk, name));
  if (!text) return wrong(name, "missing");
  auto octets = from_base64url(*text);
  if (!octets || octets->empty()) return wrong(name, "not base64url without padding");
  return octets;
}

// RFC 7518 2: a Base64urlUInt has no leading zero octets.
Result<Bytes> required_number(const json::Object& jwk, std::string_view name) {
  VITRINE_TRY(auto octets, required_octets(jwk, name));
  if (octets.front() == 0) return wrong(name, "leading zero octets");
  return octets;
}

Result<KeyKind> curve_named(std::string_view name) {
  for (const Curve& curve : kCurves) {
    if (name == curve.name && curve.kind != KeyKind::ec_p521) return curve.kind;
  }
  return wrong("crv", "neither P-256 nor P-384");
}

// The key of n and e, or x and y; nullopt where there is neither.
Result<std::optional<PublicKey>> key_from_numbers(const json::Object& jwk, std::string_view kty) {
  const bool rsa = kty == "RSA";
  if (member(jwk, rsa ? "n" : "x") == nullptr && member(jwk, rsa ? "e" : "y") == nullptr) {
    return std::nullopt;
  }
  if (rsa) {
    VITRINE_TRY(const auto n, required_number(jwk, "n"));
    VITRINE_TRY(const auto e, required_number(jwk, "e"));
    auto key = PublicKey::from_rsa(n, e);
    if (!key) return wrong("n, e", key.error().message);
    return *std::move(key);
  }
  VITRINE_TRY(const auto crv, optional_text(jwk, "crv"));
  if (!crv) return wrong("crv", "missing");
  VITRINE_TRY(const auto kind, curve_named(*crv));
  VITRINE_TRY(const auto x, required_octets(jwk, "x"));
  VITRINE_TRY(const auto y, required_octets(jwk, "y"));
  auto key = PublicKey::from_ec(kind, x, y);
  if (!key) return wrong("x, y", key.error().message);
  return *std::move(key);
}

// The certificate that contains the key comes first (RFC 7517 4.7); no chain is built here.
Result<std::optional<PublicKey>> key_from_x5c(const json::Object& jwk) {
  const json::Value* const found = member(jwk, "x5c");
  if (found == nullptr) return std::nullopt;
  if (!found->is_array() || found->get_array().empty()) return wrong("x5c", "not a list of text");
  if (found->get_array().size() > limits::kChainCertificatesMax) {
    return wrong("x5c", "over " + std::to_string(limits::kChainCertificatesMax) + " certificates");
  }
  const json::Value& first = found->get_array().front();
  if (!first.is_string()) return wrong("x5c", "not a list of text");
  const std::string_view text = json::text_view(first.get_string());
  if (text.size() / 4 * 3 > limits::kCertificateBytesMax + 3) {
    return wrong("x5c",
                 "first entry is over " + std::to_string(limits::kCertificateBytesMax) + " bytes");
  }
  const auto der = from_base64(text);
  if (!der) return wrong("x5c", "first entry is not base64");
  const auto certificate = Certificate::from_der(*der);
  if (!certificate) return wrong("x5c", certificate.error().message);
  return certificate->public_key();
}

Result<PublicKey> key_of(const json::Object& jwk, std::string_view kty) {
  VITRINE_TRY(const auto numbers, key_from_numbers(jwk, kty));
  VITRINE_TRY(const auto certified, key_from_x5c(jwk));
  if (!numbers && !certified) return wrong(kty == "RSA" ? "n" : "x", "missing, and no x5c");
  if (numbers && certified && !(*numbers == *certified)) {
    return wrong("x5c", "certifies another key than the members beside it");
  }
  const PublicKey& key = numbers ? *numbers : *certified;
  if ((kty == "RSA") != (key.kind() == KeyKind::rsa)) return wrong("x5c", "key is not of type kty");
  return key;
}

Result<JwsAlgorithm> algorithm_of(const json::Object& jwk, const PublicKey& key) {
  VITRINE_TRY(const auto alg, optional_text(jwk, "alg"));
  for (const AlgorithmRow& row : kAlgorithms) {
    // The first row of a kind is its default.
    if (row.kind == key.kind() && (!alg || *alg == row.name)) return row.algorithm;
  }
  return wrong("alg",
               alg ? "does not fit the key, or is not supported" : "no default for this key");
}

// What a key set may hold beside signature keys that we take (RFC 7517 5): other key types, curves
// and algorithms, and encryption keys. A caller who asks for their kid finds no key.
bool is_for_others(const json::Object& jwk) {
  const auto text = [&](std::string_view name) { return json::text_of(jwk, name); };
  const auto kty = text("kty"), use = text("use"), alg = text("alg"), crv = text("crv");
  return (kty && *kty != "RSA" && *kty != "EC") || (use && *use != "sig") ||
         (alg && !jws_algorithm_from(*alg)) || (kty == "EC" && crv && !curve_named(*crv));
}

}  // namespace

std::string_view name_of(JwsAlgorithm algorithm) { return row_of(algorithm).name; }

SignatureAlgorithm signature_algorithm_of(JwsAlgorithm algorithm) {
  return row_of(algorithm).signature;
}

Result<JwsAlgorithm> jws_algorithm_from(std::string_view name) {
  for (const AlgorithmRow& row : kAlgorithms) {
    if (row.name == name) return row.algorithm;
  }
  return malformed("alg: none of RS256, PS256, PS384, ES256, ES384");
}

Result<Jwk> jwk_from_json(const json::Object& jwk) {
  // A key set that publishes a private key is a mistake, and "k" would be a symmetric key.
  for (const std::string_view secret : {"d", "p", "q", "dp", "dq", "qi", "k"}) {
    if (member(jwk, secret) != nullptr) return wrong(secret, "not a public key");
  }
  VITRINE_TRY(const auto kty, optional_text(jwk, "kty"));
  if (!kty) return wrong("kty", "missing");
  if (*kty != "RSA" && *kty != "EC") return wrong("kty", "neither RSA nor EC");
  VITRINE_TRY(const auto use, optional_text(jwk, "use"));
  if (use && *use != "sig") return wrong("use", "not sig");
  VITRINE_TRY(const auto kid, optional_text(jwk, "kid"));
  VITRINE_TRY(const auto key, key_of(jwk, *kty));
  VITRINE_TRY(const auto algorithm, algorithm_of(jwk, key));
  return Jwk{std::string(kid.value_or("")), algorithm, key};
}

Result<std::vector<Jwk>> jwks_from_json(const json::Object& jwks) {
  const json::Array* const keys = json::array_of(jwks, "keys");
  if (keys == nullptr) return malformed("jwks: keys: missing or not a list");
  if (keys->size() > limits::kJwksKeysMax) {
    return malformed("jwks: keys: " + std::to_string(keys->size()) + "; at most " +
                     std::to_string(limits::kJwksKeysMax) + " are read");
  }
  std::vector<Jwk> list;
  for (const json::Value& entry : *keys) {
    if (!entry.is_object()) return malformed("jwks: keys: an entry is not an object");
    if (is_for_others(entry.get_object())) continue;
    VITRINE_TRY(auto jwk, jwk_from_json(entry.get_object()));
    if (jwk.kid.empty()) return malformed("jwks: keys: an entry has no kid");
    const auto same_name = [&](const Jwk& other) {
      return other.kid == jwk.kid && other.algorithm == jwk.algorithm;
    };
    if (std::any_of(list.begin(), list.end(), same_name)) {
      return malformed("jwks: keys: two entries share kid and alg");
    }
    list.push_back(std::move(jwk));
  }
  return list;
}

json::Object jwk_to_json(const PublicKey& key, std::string_view kid, JwsAlgorithm algorithm) {
  json::Object jwk;
  const bool rsa = key.kind() == KeyKind::rsa;
  jwk["kty"] = rsa ? "RSA" : "EC";
  jwk["kid"] = kid;
  jwk["alg"] = name_of(algorithm);
  jwk["use"] = "sig";
  if (rsa) {
    jwk["n"] = to_base64url(key.rsa_modulus());
    jwk["e"] = to_base64url(key.rsa_exponent());
    return jwk;
  }
  const Curve& curve = curve_of(key.kind());
  const Bytes point = key.ec_point();
  jwk["crv"] = curve.name;
  jwk["x"] = to_base64url(ByteView(point).subspan(1, curve.field_bytes));
  jwk["y"] = to_base64url(ByteView(point).last(curve.field_bytes));
  return jwk;
}

}  // namespace vitrine::crypto
