#include <fmt/format.h>

#include "attestation/snp/chain.h"
#include "base/limits.h"
#include "codec/json.h"
#include "codec/pem.h"

namespace vitrine::attestation::snp {

namespace {

constexpr std::size_t kChainCertificates = 3;

Result<std::vector<crypto::Certificate>> certificates_from_pem(std::string_view pem,
                                                               std::size_t count) {
  if (pem.size() > limits::kPemBytesMax) {
    return malformed(fmt::format("longer than {} bytes", limits::kPemBytesMax));
  }
  VITRINE_TRY(auto certificates,
              crypto::Certificate::list_from_pem(pem, limits::kChainCertificatesMax));
  if (certificates.size() != count) {
    return malformed(fmt::format("{} certificates, not {}", certificates.size(), count));
  }
  return certificates;
}

Result<std::string_view> member(const codec::json::Object& thim, std::string_view name) {
  const auto text = codec::json::text_of(thim, name);
  if (!text) return malformed(fmt::format("THIM member {} is missing or not text", name));
  return *text;
}

Result<std::vector<crypto::Certificate>> member_certificates(const codec::json::Object& thim,
                                                             std::string_view name,
                                                             std::size_t count) {
  VITRINE_TRY(const auto pem, member(thim, name));
  auto certificates = certificates_from_pem(pem, count);
  if (!certificates) {
    return in_context(fmt::format("THIM member {}", name), std::move(certificates).error());
  }
  return certificates;
}

// {"vcekCert", "tcbm", "certificateChain", "cacheControl"} in any order; how long the platform
// would cache it says nothing about the certificates.
Result<Endorsements> from_thim(std::string_view text) {
  VITRINE_TRY(const auto thim, codec::json::parse_object(text));
  Endorsements endorsements;
  VITRINE_TRY(endorsements.certificates, member_certificates(thim, "vcekCert", 1));
  VITRINE_TRY(auto issuers, member_certificates(thim, "certificateChain", kChainCertificates - 1));
  for (auto& issuer : issuers) endorsements.certificates.push_back(std::move(issuer));
  VITRINE_TRY(const auto tcbm, member(thim, "tcbm"));
  auto version = tcb_from_text(tcbm, TcbOrder::big_endian);
  if (!version) return in_context("THIM member tcbm", std::move(version).error());
  endorsements.tcbm = *version;
  return endorsements;
}

Result<Endorsements> from_pem(std::string_view text) {
  VITRINE_TRY(auto certificates, certificates_from_pem(text, kChainCertificates));
  return Endorsements{std::move(certificates), std::nullopt};
}

bool looks_like_json(std::string_view text) {
  const auto first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

bool looks_like_pem(ByteView bytes) {
  constexpr std::string_view kBegin = "-----BEGIN";
  return as_text(bytes).find(kBegin) != std::string_view::npos;
}

Result<std::vector<crypto::Certificate>> certificates_of_file(const Bytes& file) {
  if (file.size() > limits::kPemBytesMax) return malformed("too long");
  if (looks_like_pem(file)) {
    return crypto::Certificate::list_from_pem(as_text(file), limits::kChainCertificatesMax);
  }
  VITRINE_TRY(auto certificate, crypto::Certificate::from_der(file));
  return std::vector<crypto::Certificate>{std::move(certificate)};
}

}  // namespace

Result<Endorsements> parse_endorsements(std::string_view text) {
  return looks_like_json(text) ? from_thim(text) : from_pem(text);
}

Result<std::string> endorsements_from_certificates(const std::vector<Bytes>& files) {
  std::string pem;
  std::size_t count = 0;
  for (const Bytes& file : files) {
    auto certificates = certificates_of_file(file);
    if (!certificates) {
      return in_context(fmt::format("certificate file {}", &file - files.data() + 1),
                        std::move(certificates).error());
    }
    for (const auto& certificate : *certificates) pem += certificate.pem();
    count += certificates->size();
  }
  if (count != kChainCertificates) {
    return malformed(fmt::format("{} certificates, not VCEK or VLEK, ASK or ASVK, ARK", count));
  }
  return pem;
}

}  // namespace vitrine::attestation::snp
