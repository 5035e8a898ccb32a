#include "attestation/simulated/uvm_signer.h"

#include <fmt/format.h>

#include "attestation/uvm/did_x509.h"
#include "base/hex.h"
#include "crypto/cose.h"

namespace vitrine::attestation::simulated {

namespace {

using codec::cbor::Value;

crypto::CertificateRequest request_for(std::string name, const Validity& validity, bool ca) {
  crypto::CertificateRequest request;
  request.common_name = std::move(name);
  request.not_before = validity.not_before;
  request.not_after = validity.not_after;
  request.ca = ca;
  return request;
}

}  // namespace

std::string UvmIdentity::did() const {
  uvm::DidX509 did;
  did.fingerprint = to_bytes(ByteView(chain.back().der_sha256()));
  did.ekus.emplace_back(kUvmEku);
  return to_text(did);
}

Result<UvmIdentity> make_uvm_identity(const Validity& validity, std::size_t rsa_bits) {
  constexpr auto kRsa = crypto::KeyKind::rsa;
  VITRINE_TRY(const auto root_key, crypto::PrivateKey::generate(kRsa, rsa_bits));
  VITRINE_TRY(auto root, crypto::make_self_signed(
                             request_for("Simulated UVM Root CA", validity, true), root_key));
  VITRINE_TRY(const auto ca_key, crypto::PrivateKey::generate(kRsa, rsa_bits));
  VITRINE_TRY(auto ca, crypto::make_certificate(request_for("Simulated UVM CA", validity, true),
                                                ca_key.public_key(), root, root_key));
  VITRINE_TRY(auto leaf_key, crypto::PrivateKey::generate(kRsa, rsa_bits));
  auto request = request_for("Simulated UVM", validity, false);
  request.extended_key_usages = {std::string(kUvmEku)};
  VITRINE_TRY(auto leaf, crypto::make_certificate(request, leaf_key.public_key(), ca, ca_key));
  return UvmIdentity{{std::move(leaf), std::move(ca), std::move(root)}, std::move(leaf_key)};
}

codec::cbor::Value uvm_protected_header(const UvmIdentity& identity) {
  constexpr std::int64_t kPs384 = -38;
  constexpr std::int64_t kSha256 = -16;
  std::vector<Value> x5chain;
  for (const auto& certificate : identity.chain) x5chain.push_back(Value::bytes(certificate.der()));
  const auto x5t = Value::array(
      {Value::integer(kSha256), Value::bytes(ByteView(identity.chain[0].der_sha256()))});
  return Value::map({{Value::integer(1), Value::integer(kPs384)},
                     {Value::integer(3), Value::text("application/json")},
                     {Value::integer(33), Value::array(std::move(x5chain))},
                     {Value::integer(34), x5t},
                     {Value::text("iss"), Value::text(identity.did())},
                     {Value::text("feed"), Value::text(kUvmFeed)}});
}

std::string uvm_payload(const std::array<Byte, 48>& measurement) {
  return fmt::format(R"({{"x-ms-sevsnpvm-guestsvn":"{}","x-ms-sevsnpvm-launchmeasurement":"{}"}})",
                     kUvmSvn, to_hex(measurement));
}

Result<Bytes> endorse_uvm(const UvmIdentity& identity, const std::array<Byte, 48>& measurement) {
  const auto payload = uvm_payload(measurement);
  return crypto::sign_cose_sign1(uvm_protected_header(identity), Value::map({}), as_bytes(payload),
                                 identity.leaf_key);
}

}  // namespace vitrine::attestation::simulated
