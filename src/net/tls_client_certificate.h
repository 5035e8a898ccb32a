// Which certificates a client may present at all, judged before its signature in the handshake is
// checked: keys whose check costs time, and those that no endpoint would accept, end it there.
#pragma once

#include <openssl/ssl.h>

#include "base/result.h"

namespace vitrine::net {

// RSA of 2048 to 4096 bits with a public exponent below 2^32, P-256, P-384 and P-521 by name,
// Ed25519. denied: another kind, size or parameter.
Status check_client_key(const EVP_PKEY* key);

// Makes `context` refuse others with the alert bad_certificate, also longer chains than
// kClientChainMax and more than kClientCertificatesBytesMax in all. Whose certificate it is stays
// the service's question.
inline constexpr int kClientChainMax = 4;
inline constexpr long kClientCertificatesBytesMax = 16'384;
void judge_client_certificates(SSL_CTX* context);

}  // namespace vitrine::net
