#include "crypto/jws.h"

#include <array>

#include "base/base64.h"
#include "base/limits.h"

namespace vitrine::crypto {
namespace {

namespace json = codec::json;

// The three segments of a compact serialisation.
Result<std::array<std::string_view, 3>> split(std::string_view token) {
  const std::size_t first = token.find('.');
  const std::size_t last = token.rfind('.');
  if (first == std::string_view::npos || first == last || token.find('.', first + 1) != last) {
    return malformed("token: not three segments");
  }
  return std::array{token.substr(0, first), token.substr(first + 1, last - first - 1),
                    token.substr(last + 1)};
}

Result<Bytes> decode(std::string_view segment, std::string_view which) {
  auto bytes = from_base64url(segment);
  if (!bytes || bytes->empty()) {
    return malformed("token: " + std::string(which) + " is not base64url without padding");
  }
  return bytes;
}

Result<json::Object> decode_object(std::string_view segment, std::string_view which) {
  VITRINE_TRY(const auto bytes, decode(segment, which));
  auto object = json::parse_object(as_text(bytes));
  if (!object) return in_context("token: " + std::string(which), std::move(object).error());
  return object;
}

// crit would change what we must understand, b64 what is signed, jwk who signs; zip and enc belong
// to encryption (attestation.md 1.3). jku, x5u and x5c may stand there; nobody follows them.
Status check_header(const json::Object& header) {
  for (const std::string_view name : {"crit", "b64", "jwk", "zip", "enc"}) {
    if (json::find(header, name) != nullptr) {
      return malformed("token: header has " + std::string(name) + ", which is not accepted");
    }
  }
  if (!json::text_of(header, "alg")) return malformed("token: header has no alg");
  if (json::find(header, "kid") != nullptr && !json::text_of(header, "kid")) {
    return malformed("token: header kid is not text");
  }
  return {};
}

}  // namespace

Result<UnverifiedJws> parse_jws(std::string_view token) {
  if (token.size() > limits::kTokenBytesMax) {
    return malformed("token: " + std::to_string(token.size()) + " bytes; at most " +
                     std::to_string(limits::kTokenBytesMax) + " are read");
  }
  VITRINE_TRY(const auto segments, split(token));
  UnverifiedJws out;
  VITRINE_TRY(out.header, decode_object(segments[0], "header"));
  VITRINE_CHECK(check_header(out.header));
  VITRINE_TRY(out.payload, decode_object(segments[1], "payload"));
  VITRINE_TRY(out.signature, decode(segments[2], "signature"));
  out.algorithm = *json::text_of(out.header, "alg");
  out.kid = json::text_of(out.header, "kid").value_or("");
  out.signing_input = token.substr(0, segments[0].size() + 1 + segments[1].size());
  return out;
}

Status verify_jws(const UnverifiedJws& token, const Jwk& key) {
  if (token.algorithm != name_of(key.algorithm)) {
    return denied("token: header alg is not " + std::string(name_of(key.algorithm)) +
                  ", the algorithm of its key");
  }
  const auto verified = key.key.verify(signature_algorithm_of(key.algorithm),
                                       as_bytes(token.signing_input), token.signature);
  if (!verified) return denied("token: " + verified.error().message);
  return {};
}

Result<std::string> sign_jws(const json::Object& header, const json::Object& payload,
                             JwsAlgorithm algorithm, const PrivateKey& key) {
  if (json::text_of(header, "alg") != name_of(algorithm)) {
    return internal("token: header alg is not " + std::string(name_of(algorithm)));
  }
  std::string token = to_base64url(as_bytes(json::write(header))) + "." +
                      to_base64url(as_bytes(json::write(payload)));
  VITRINE_TRY(const auto signature, key.sign(signature_algorithm_of(algorithm), as_bytes(token)));
  return token + "." + to_base64url(signature);
}

}  // namespace vitrine::crypto
