#include "attestation/simulated/amd_chain.h"

#include <fmt/format.h>

#include "attestation/snp/chain.h"
#include "base/assert.h"
#include "codec/der.h"

namespace vitrine::attestation::simulated {

namespace {

crypto::CertificateRequest ca_request(std::string name, const Validity& validity) {
  crypto::CertificateRequest request;
  request.common_name = std::move(name);
  request.not_before = validity.not_before;
  request.not_after = validity.not_after;
  request.ca = true;
  request.pss_sha384 = true;
  return request;
}

std::map<std::string, Bytes> extensions_of(const LeafOptions& options) {
  const bool vcek = options.kind == snp::EndorsementKey::vcek;
  const auto product = std::string(name_of(options.product));
  std::map<std::string, Bytes> all;
  const auto set = [&](std::string_view oid, const Bytes& value) { all[std::string(oid)] = value; };
  set("1.3.6.1.4.1.3704.1.1", der_integer(vcek ? 0 : 1));
  set(snp::kOidProductName, der_ia5_string(vcek ? product + "-B0" : product));
  set(snp::kOidBootLoader, der_integer(options.tcb.boot_loader));
  set(snp::kOidTee, der_integer(options.tcb.tee));
  set(snp::kOidSnp, der_integer(options.tcb.snp));
  set(snp::kOidMicrocode, der_integer(options.tcb.microcode));
  if (options.product == snp::Product::turin) set(snp::kOidFmc, der_integer(options.tcb.fmc));
  if (vcek) {
    set(snp::kOidHwid, options.hwid);
  } else {
    set(snp::kOidCspId, der_ia5_string(options.csp_id));
  }
  for (const auto& [oid, value] : options.extensions) all[oid] = value;
  return all;
}

}  // namespace

Bytes der_integer(std::uint8_t value) {
  if (value < 0x80) return {0x02, 0x01, value};
  return {0x02, 0x02, 0x00, value};
}

Bytes der_ia5_string(std::string_view text) {
  VITRINE_ASSERT(text.size() < 128);
  Bytes out;
  out.reserve(2 + text.size());
  out.push_back(codec::der::kIa5String);
  out.push_back(static_cast<Byte>(text.size()));
  append(out, as_bytes(text));
  return out;
}

Result<CertifiedKey> make_ark(snp::Product product, const Validity& validity,
                              std::size_t rsa_bits) {
  VITRINE_TRY(auto key, crypto::PrivateKey::generate(crypto::KeyKind::rsa, rsa_bits));
  const auto request = ca_request(fmt::format("ARK-{}", name_of(product)), validity);
  VITRINE_TRY(auto certificate, crypto::make_self_signed(request, key));
  return CertifiedKey{std::move(key), std::move(certificate)};
}

Result<CertifiedKey> make_ask(const CertifiedKey& ark, snp::Product product,
                              snp::EndorsementKey kind, const Validity& validity,
                              std::size_t rsa_bits) {
  VITRINE_TRY(auto key, crypto::PrivateKey::generate(crypto::KeyKind::rsa, rsa_bits));
  const auto* prefix = kind == snp::EndorsementKey::vlek ? "SEV-VLEK" : "SEV";
  auto request = ca_request(fmt::format("{}-{}", prefix, name_of(product)), validity);
  request.path_length = 0;
  VITRINE_TRY(auto certificate,
              crypto::make_certificate(request, key.public_key(), ark.certificate, ark.key));
  return CertifiedKey{std::move(key), std::move(certificate)};
}

Result<crypto::Certificate> make_leaf(const LeafOptions& options, const crypto::PublicKey& key,
                                      const CertifiedKey& ask) {
  crypto::CertificateRequest request;
  request.common_name = fmt::format("SEV-{}", name_of(options.kind));
  request.not_before = options.validity.not_before;
  request.not_after = options.validity.not_after;
  request.bare = true;
  request.pss_sha384 = true;
  for (auto& [oid, value] : extensions_of(options)) {
    if (!value.empty()) request.extensions.push_back({oid, value});
  }
  return crypto::make_certificate(request, key, ask.certificate, ask.key);
}

}  // namespace vitrine::attestation::simulated
