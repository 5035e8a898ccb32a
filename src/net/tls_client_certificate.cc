#include "net/tls_client_certificate.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509_vfy.h>

#include <array>
#include <memory>
#include <string_view>

namespace vitrine::net {
namespace {

constexpr int kRsaBitsMin = 2'048;
constexpr int kRsaBitsMax = 4'096;
constexpr int kRsaExponentBitsMax = 32;

struct BignumFree {
  void operator()(BIGNUM* number) const { BN_free(number); }
};

Status check_rsa(const EVP_PKEY* key) {
  const int bits = EVP_PKEY_get_bits(key);
  if (bits < kRsaBitsMin || bits > kRsaBitsMax) {
    return denied("client certificate: RSA of " + std::to_string(bits) +
                  " bits; accepted are 2048 to 4096");
  }
  BIGNUM* exponent = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1) {
    return denied("client certificate: RSA without an exponent");
  }
  const std::unique_ptr<BIGNUM, BignumFree> owned(exponent);
  if (BN_num_bits(exponent) > kRsaExponentBitsMax) {
    return denied("client certificate: an RSA exponent of more than 32 bits");
  }
  return {};
}

Status check_ec(const EVP_PKEY* key) {
  int explicit_parameters = 1;
  if (EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS,
                             &explicit_parameters) != 1 ||
      explicit_parameters != 0) {
    return denied("client certificate: a curve that is not given by its name");
  }
  std::array<char, 80> name{};
  std::size_t size = 0;
  if (EVP_PKEY_get_group_name(key, name.data(), name.size(), &size) != 1) {
    return denied("client certificate: a curve without a name");
  }
  const std::string_view curve(name.data(), size);
  if (curve == SN_X9_62_prime256v1 || curve == SN_secp384r1 || curve == SN_secp521r1) return {};
  return denied("client certificate: the curve " + std::string(curve) +
                "; accepted are P-256, P-384 and P-521");
}

// In place of building a chain. Called when the certificates are there and nothing is checked yet.
int judge(X509_STORE_CTX* presented, void*) {
  const X509* leaf = X509_STORE_CTX_get0_cert(presented);
  const STACK_OF(X509)* all = X509_STORE_CTX_get0_untrusted(presented);
  const bool acceptable = leaf != nullptr && sk_X509_num(all) <= kClientChainMax &&
                          check_client_key(X509_get0_pubkey(leaf));
  if (acceptable) return 1;
  X509_STORE_CTX_set_error(presented, X509_V_ERR_CERT_REJECTED);
  return 0;
}

}  // namespace

Status check_client_key(const EVP_PKEY* key) {
  if (key == nullptr) return denied("client certificate: no key that can be read");
  switch (EVP_PKEY_get_base_id(key)) {
    case EVP_PKEY_RSA:
      return check_rsa(key);
    case EVP_PKEY_EC:
      return check_ec(key);
    case EVP_PKEY_ED25519:
      return {};
    default:
      return denied("client certificate: a kind of key that is not accepted");
  }
}

void judge_client_certificates(SSL_CTX* context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_CLIENT_ONCE, nullptr);
  SSL_CTX_set_cert_verify_callback(context, judge, nullptr);
  SSL_CTX_set_max_cert_list(context, kClientCertificatesBytesMax);
}

}  // namespace vitrine::net
