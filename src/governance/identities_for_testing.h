// People, their certificates, tokens and signed proposals, for tests of this and later modules.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "crypto/cose.h"
#include "crypto/jws.h"
#include "crypto/x509.h"
#include "governance/state.h"

namespace vitrine::governance {

inline constexpr std::int64_t kNowForTesting = 1'795'340'519;  // that of the peers' captures

struct Identity {
  crypto::PrivateKey key;
  crypto::Certificate certificate;
  std::string id;
};

inline Identity identity_for_testing(std::string_view name,
                                     crypto::KeyKind kind = crypto::KeyKind::ec_p384) {
  auto key = crypto::PrivateKey::generate(kind);
  VITRINE_ASSERT(key.has_value());
  crypto::CertificateRequest request;
  request.common_name = std::string(name);
  request.not_before = from_unix_seconds(kNowForTesting - 1000);
  request.not_after = from_unix_seconds(kNowForTesting + 1000);
  auto certificate = crypto::make_self_signed(request, *key);
  VITRINE_ASSERT(certificate.has_value());
  auto id = identity_of(*certificate);
  return {*std::move(key), *std::move(certificate), std::move(id)};
}

// The protected header of a proposal as the tools write it; tests change it.
inline std::vector<codec::cbor::Value::Entry> header_for_testing(const Identity& signer,
                                                                 std::int64_t algorithm,
                                                                 std::int64_t created_at) {
  using codec::cbor::Value;
  return {{Value::uint(1), Value::integer(algorithm)},
          {Value::uint(4), Value::bytes(as_bytes(signer.id))},
          {Value::text("ccf.gov.msg.type"), Value::text("proposal")},
          {Value::text("ccf.gov.msg.created_at"), Value::integer(created_at)}};
}

inline Bytes envelope_for_testing(const Identity& signer, std::string_view payload,
                                  std::int64_t created_at = kNowForTesting) {
  using codec::cbor::Value;
  auto bytes = crypto::sign_cose_sign1(Value::map(header_for_testing(signer, -35, created_at)),
                                       Value::map({}), as_bytes(payload), signer.key);
  VITRINE_ASSERT(bytes.has_value());
  return *std::move(bytes);
}

// An ES256 issuer key and tokens signed with it.
struct TokenSigner {
  crypto::PrivateKey key = *crypto::PrivateKey::generate(crypto::KeyKind::ec_p256);
  std::string kid = "k1";

  crypto::Jwk jwk() const { return {kid, crypto::JwsAlgorithm::es256, key.public_key()}; }
  std::string bearer(const codec::json::Object& payload) const {
    codec::json::Object header;
    header["alg"] = "ES256";
    header["kid"] = kid;
    header["typ"] = "JWT";
    auto token = crypto::sign_jws(header, payload, crypto::JwsAlgorithm::es256, key);
    VITRINE_ASSERT(token.has_value());
    return "Bearer " + *token;
  }
};

}  // namespace vitrine::governance
