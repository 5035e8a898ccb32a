#include "attestation/uvm/endorsement.h"

#include <fmt/format.h>

#include <algorithm>

#include "attestation/uvm/did_x509.h"
#include "base/hex.h"
#include "base/limits.h"
#include "base/text.h"
#include "codec/cbor.h"
#include "codec/json.h"
#include "crypto/cose.h"
#include "crypto/hash.h"
#include "crypto/x509.h"

namespace vitrine::attestation::uvm {

namespace {

using codec::cbor::Type;
using codec::cbor::Value;
using crypto::Certificate;

constexpr std::int64_t kLabelCritical = 2;
constexpr std::int64_t kLabelContentType = 3;
constexpr std::int64_t kLabelX5Chain = 33;  // RFC 9360
constexpr std::int64_t kLabelX5T = 34;
constexpr std::int64_t kCoseSha256 = -16;
constexpr std::int64_t kPs256 = -37;
constexpr std::int64_t kPs512 = -39;

constexpr std::string_view kMeasurement = "x-ms-sevsnpvm-launchmeasurement";
constexpr std::string_view kSvn = "x-ms-sevsnpvm-guestsvn";
constexpr std::string_view kSvnTwin = "x-ms-sevsnpvm-guestsvn-int";

struct Header {
  std::int64_t algorithm = 0;
  std::string did;
  std::string feed;
  std::vector<Certificate> chain;  // leaf first
};

Result<std::string> header_text(const Value& header, std::string_view name) {
  const Value* value = header.find(name);
  if (value == nullptr || !value->is(Type::text_string)) {
    return malformed(fmt::format("protected header {} is missing or not text", name));
  }
  return value->as_text();
}

Result<std::vector<Certificate>> header_chain(const Value& header) {
  const Value* value = header.find(kLabelX5Chain);
  if (value == nullptr || !value->is(Type::array) || value->items().size() < 2 ||
      value->items().size() > limits::kChainCertificatesMax) {
    return malformed(fmt::format("x5chain is not an array of 2 to {} certificates",
                                 limits::kChainCertificatesMax));
  }
  std::vector<Certificate> chain;
  for (const Value& item : value->items()) {
    if (!item.is(Type::byte_string) || item.as_bytes().size() > limits::kCertificateBytesMax) {
      return malformed("x5chain holds something that is not a certificate");
    }
    VITRINE_TRY(auto certificate, Certificate::from_der(item.as_bytes()));
    chain.push_back(std::move(certificate));
  }
  return chain;
}

// [-16, SHA-256 of the leaf]
Status check_thumbprint(const Value& header, const Certificate& leaf) {
  const Value* value = header.find(kLabelX5T);
  if (value == nullptr) return {};
  if (!value->is(Type::array) || value->items().size() != 2) {
    return malformed("x5t is not an array of algorithm and hash");
  }
  const auto algorithm = value->items()[0].to_integer();
  const auto hash = value->items()[1].to_bytes();
  if (!algorithm || *algorithm != kCoseSha256 || !hash) {
    return malformed("x5t is not a SHA-256");
  }
  if (!same(*hash, leaf.der_sha256())) return denied("x5t is not the hash of the leaf certificate");
  return {};
}

Result<Header> read_header(const crypto::CoseSign1& message) {
  const Value& protected_header = message.protected_header;
  Header header;
  header.algorithm = message.algorithm().value_or(0);
  if (header.algorithm > kPs256 || header.algorithm < kPs512) {
    return malformed(fmt::format("alg {} is not PS256, PS384 or PS512", header.algorithm));
  }
  if (protected_header.find(kLabelCritical) != nullptr) {
    return malformed("protected header lists critical headers");
  }
  const Value* content_type = protected_header.find(kLabelContentType);
  if (content_type == nullptr || !content_type->is(Type::text_string) ||
      content_type->as_text() != "application/json") {
    return malformed("content type is not application/json");
  }
  VITRINE_TRY(header.did, header_text(protected_header, "iss"));
  VITRINE_TRY(header.feed, header_text(protected_header, "feed"));
  VITRINE_TRY(header.chain, header_chain(protected_header));
  VITRINE_CHECK(check_thumbprint(protected_header, header.chain[0]));
  return header;
}

// Of several entries for one did and feed the strictest counts.
Result<UvmSigner> find_signer(const std::vector<UvmSigner>& signers, const Header& header) {
  const UvmSigner* found = nullptr;
  for (const UvmSigner& signer : signers) {
    if (signer.did != header.did || signer.feed != header.feed) continue;
    if (found == nullptr || signer.svn_min > found->svn_min) found = &signer;
  }
  if (found != nullptr) return *found;
  return denied(fmt::format("issuer {} with feed {} is not trusted", header.did, header.feed),
                "the issuer's did must be on the list as a whole");
}

Status check_chain(const Header& header, const UvmSigner& signer) {
  const auto& chain = header.chain;
  const Certificate& root = chain.back();
  constexpr auto kSignature = crypto::CertificateSignature::rsa_any;
  if (root.public_key().spki_sha256() != signer.root_spki_sha256) {
    return denied(
        fmt::format("root {} is not the one pinned for this issuer", root.subject_text()));
  }
  VITRINE_CHECK(check_link(root, root, kSignature));
  for (std::size_t i = chain.size() - 1; i > 0; --i) {
    VITRINE_CHECK(check_link(chain[i - 1], chain[i], kSignature));
  }
  VITRINE_CHECK(check_path_lengths(chain));
  VITRINE_TRY(const auto did, parse_did_x509(header.did));
  return resolve(did, chain);
}

// "100" or 100: as an integer, since as text "22" would beat "100".
Result<std::uint64_t> svn_of(const codec::json::Object& payload, std::string_view name) {
  if (const auto number = codec::json::integer_of(payload, name)) {
    if (*number >= 0) return static_cast<std::uint64_t>(*number);
  } else if (const auto text = codec::json::text_of(payload, name)) {
    if (const auto value = parse_decimal(*text)) return *value;
  }
  return malformed(fmt::format("payload {} is missing or not a whole number", name));
}

Status read_payload(ByteView payload_bytes, Endorsement& endorsement) {
  VITRINE_TRY(const auto payload, codec::json::parse_object(as_text(payload_bytes)));
  const auto text = codec::json::text_of(payload, kMeasurement);
  const auto measurement = text ? from_hex(*text) : Result<Bytes>(Bytes{});
  if (!measurement || measurement->size() != endorsement.measurement.size()) {
    return malformed(fmt::format("payload {} is missing or not 96 hex digits", kMeasurement));
  }
  std::copy(measurement->begin(), measurement->end(), endorsement.measurement.begin());
  VITRINE_TRY(endorsement.svn, svn_of(payload, kSvn));
  if (codec::json::find(payload, kSvnTwin) == nullptr) return {};
  VITRINE_TRY(const auto twin, svn_of(payload, kSvnTwin));
  if (twin == endorsement.svn) return {};
  return denied(
      fmt::format("payload {} {} differs from {} {}", kSvnTwin, twin, kSvn, endorsement.svn));
}

Result<Endorsement> verify(ByteView cose, const std::vector<UvmSigner>& signers) {
  if (cose.size() > limits::kEvidenceBytesMax) {
    return malformed(fmt::format("longer than {} bytes", limits::kEvidenceBytesMax));
  }
  VITRINE_TRY(const auto message, crypto::parse_cose_sign1(cose, crypto::CoseTag::required));
  VITRINE_TRY(const auto header, read_header(message));
  VITRINE_TRY(const auto signer, find_signer(signers, header));
  VITRINE_CHECK(check_chain(header, signer));
  VITRINE_CHECK(crypto::verify_cose_sign1(message, header.algorithm, header.chain[0].public_key()));
  Endorsement endorsement;
  endorsement.did = header.did;
  endorsement.feed = header.feed;
  endorsement.simulated = signer.simulated;
  VITRINE_CHECK(read_payload(message.payload, endorsement));
  if (endorsement.svn < signer.svn_min) {
    return denied(fmt::format("svn {} of feed {} is below the lowest accepted, {}", endorsement.svn,
                              endorsement.feed, signer.svn_min));
  }
  return endorsement;
}

}  // namespace

Result<Endorsement> verify_endorsement(ByteView cose, const std::vector<UvmSigner>& signers) {
  auto endorsement = verify(cose, signers);
  if (!endorsement) return in_context("UVM endorsement", std::move(endorsement).error());
  return endorsement;
}

}  // namespace vitrine::attestation::uvm
