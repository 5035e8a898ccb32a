// JWS compact serialisation (RFC 7515) by the rules of attestation.md 1.3. The key and its
// algorithm come from the caller's configuration, never from the token.
#pragma once

#include <string>
#include <string_view>

#include "codec/json.h"
#include "crypto/jwk.h"

namespace vitrine::crypto {

// A token split and decoded; nothing in it is authenticated yet.
struct UnverifiedJws {
  codec::json::Object header;   // strict JSON, no crit, b64, jwk, zip, enc
  codec::json::Object payload;  // strict JSON
  std::string algorithm;        // header alg as text
  std::string kid;              // empty if absent
  std::string signing_input;    // header.payload as received
  Bytes signature;
};
// malformed: not three segments of strict base64url, over limits::kTokenBytesMax, not strict JSON
// objects, a forbidden header.
Result<UnverifiedJws> parse_jws(std::string_view token);
// denied: header alg is not `key.algorithm`, or the signature does not verify.
Status verify_jws(const UnverifiedJws& token, const Jwk& key);

// header and payload are written compactly in member order.
Result<std::string> sign_jws(const codec::json::Object& header, const codec::json::Object& payload,
                             JwsAlgorithm algorithm, const PrivateKey& key);

}  // namespace vitrine::crypto
