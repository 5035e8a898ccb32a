#include "client/release.h"

#include <algorithm>

#include "client/receipt.h"
#include "crypto/hash.h"

namespace vitrine::client {
namespace {

constexpr std::size_t kWrappingKeyBits = 4096;  // what all clients use (kms-api.md 5.1)

}  // namespace

Result<WrappingKey> make_wrapping_key() {
  VITRINE_TRY(auto key, crypto::PrivateKey::generate(crypto::KeyKind::rsa, kWrappingKeyBits));
  std::string pem = key.public_key().pem();
  return WrappingKey{std::move(pem), std::move(key)};
}

std::array<Byte, 64> report_data_for(std::string_view public_pem) {
  std::array<Byte, 64> report_data{};
  const Digest hash = crypto::sha256(as_bytes(public_pem));
  std::copy(hash.bytes.begin(), hash.bytes.end(), report_data.begin());
  return report_data;
}

Result<Released> unwrap_released(const UnwrapAnswer& answer, const WrappingKey& wrapping_key,
                                 KeyFormat format) {
  Released released;
  auto plaintext = wrapping_key.key.oaep_decrypt(answer.wrapped);
  if (!plaintext) return in_context("unwrap with the wrapping key", plaintext.error());
  released.file = std::move(*plaintext);
  const bool is_jwk = !released.file.empty() && released.file.reveal()[0] == '{';
  if (is_jwk != (format == KeyFormat::jwk)) {
    return internal("unwrap: the service sent another key format than " +
                    std::string(name_of(format)));
  }
  VITRINE_TRY(released.key, read_private_key(released.file.reveal()));
  released.release_transaction_id = answer.transaction_id;
  return released;
}

Result<Released> release(Service& service, const ReleaseOrder& order,
                         const WrappingKey& wrapping_key,
                         const std::optional<crypto::Certificate>& service_certificate) {
  std::string kid = order.kid;
  if (kid.empty()) {
    auto newest = service.key(order.attestation, {}, order.format);
    if (!newest) return in_context("release of the newest key", newest.error());
    kid = newest->kid;
  }
  auto answer = service.unwrap({order.attestation, wrapping_key.public_pem, kid, order.format});
  if (!answer) return in_context("release of key " + kid, answer.error());
  VITRINE_TRY(auto released, unwrap_released(*answer, wrapping_key, order.format));
  released.kid = kid;
  if (!kid_belongs_to(kid, released.key.kem, released.key.public_key)) {
    return denied("release of key " + kid + ": the service sent another key's private half");
  }
  if (service_certificate) {
    VITRINE_TRY(const auto receipt, parse_receipt(answer->receipt));
    VITRINE_TRY(released.receipt,
                verify_key_receipt(receipt, x_of(released.key.public_key), *service_certificate));
  }
  return released;
}

}  // namespace vitrine::client
