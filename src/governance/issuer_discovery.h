// What auto_refresh asks an issuer for (OpenID Connect Discovery 1.0, section 4): where its keys
// are, and which of them sign its tokens. Bytes of answers are bounded by whoever fetches. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"
#include "crypto/jwk.h"
#include "crypto/x509.h"

namespace vitrine::governance {

inline constexpr std::size_t kIssuerBytesMax = 2048;
inline constexpr std::size_t kIssuerKeysMax = 64;

// Of an issuer whose keys are to be fetched. malformed: not an https URL, or one with a query, a
// fragment or credentials.
Status check_refreshable(std::string_view issuer);
// Of an issuer that is refreshable.
std::string discovery_url(std::string_view issuer);
// Where the document says that the keys are: an https URL, of any host where the document names
// this issuer (or it with the tenant left open, as Entra's does). A document that names none, as
// those of Azure Attestation, is believed only about keys on the issuer's own host. denied: another
// issuer's, or keys elsewhere. malformed otherwise.
Result<std::string> jwks_uri_in(std::string_view document, std::string_view issuer);
// Those of a fetched key set that may sign tokens of `issuer`: without encryption keys, kinds that
// we don't know, and keys that say to be another issuer's. Ascending by kid, then algorithm.
// malformed: one of them is wrong, there is none, or over kIssuerKeysMax.
Result<std::vector<crypto::Jwk>> keys_in(std::string_view jwks, std::string_view issuer);
// {"keys":[…]}, each with the members that we read and no others.
codec::json::Object jwks_to_json(const std::vector<crypto::Jwk>& keys);
// Whether both hold the same keys, whatever their order.
bool same_keys(std::vector<crypto::Jwk> a, std::vector<crypto::Jwk> b);

// The certificates of a CA bundle, in PEM, text between them not allowed: 1 to
// kBundleCertificatesMax, at most kBundleBytesMax. malformed says which is none.
inline constexpr std::size_t kBundleBytesMax = 524'288;
inline constexpr std::size_t kBundleCertificatesMax = 256;
Result<std::vector<crypto::Certificate>> certificates_of_bundle(std::string_view pem);

}  // namespace vitrine::governance
