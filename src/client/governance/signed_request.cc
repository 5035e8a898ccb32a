#include "client/governance/signed_request.h"

#include <fmt/format.h>

#include "base/hex.h"
#include "base/text.h"

namespace vitrine::client {
namespace {

using codec::cbor::Value;

constexpr std::int64_t kLabelAlgorithm = 1, kLabelKid = 4;
constexpr std::string_view kLabelType = "ccf.gov.msg.type";
constexpr std::string_view kLabelCreatedAt = "ccf.gov.msg.created_at";
constexpr std::string_view kLabelProposalId = "ccf.gov.msg.proposal_id";
constexpr std::int64_t kCreatedAtMax = 9'999'999'999;  // ccf.md 2
constexpr std::size_t kIdHexDigits = 64;

constexpr std::string_view kTypeNames[] = {"proposal",     "ballot", "withdrawal",
                                           "state_digest", "ack",    "recovery_share"};

Result<std::int64_t> algorithm_of(crypto::KeyKind kind) {
  switch (kind) {
    case crypto::KeyKind::ec_p256:
      return -7;
    case crypto::KeyKind::ec_p384:
      return -35;
    case crypto::KeyKind::ec_p521:
      return -36;
    default:
      break;
  }
  return malformed("signer's key is not on P-256, P-384 or P-521",
                   "governance accepts ES256, ES384 and ES512 only");
}

bool names_a_proposal(RequestType type) {
  return type == RequestType::ballot || type == RequestType::withdrawal;
}

bool is_id(std::string_view text) { return text.size() == kIdHexDigits && from_hex(text); }

Status check(const SignedRequest& request) {
  if (names_a_proposal(request.type) && !is_id(request.proposal_id)) {
    return malformed(fmt::format("a {} names its proposal by 64 hex digits, not by \"{}\"",
                                 name_of(request.type), request.proposal_id));
  }
  if (!names_a_proposal(request.type) && !request.proposal_id.empty()) {
    return malformed(fmt::format("a request of type {} names no proposal", name_of(request.type)));
  }
  if (request.created_at < 0 || request.created_at > kCreatedAtMax) {
    return malformed(
        fmt::format("created_at {} is not from 0 to {}", request.created_at, kCreatedAtMax));
  }
  return {};
}

Result<std::string> text_in(const Value& header, std::string_view label) {
  const Value* found = header.find(label);
  if (found == nullptr || !found->is(codec::cbor::Type::text_string)) {
    return malformed("signed request: its header has no text " + std::string(label));
  }
  return found->as_text();
}

}  // namespace

std::string_view name_of(RequestType type) { return kTypeNames[static_cast<std::size_t>(type)]; }

Result<RequestType> request_type_from(std::string_view name) {
  std::string all;
  for (std::size_t i = 0; i < std::size(kTypeNames); ++i) {
    if (kTypeNames[i] == name) return static_cast<RequestType>(i);
    all += (all.empty() ? "" : ", ") + std::string(kTypeNames[i]);
  }
  return malformed(fmt::format("request type {} is not one of {}", printable_ascii(name, 64), all));
}

Result<Signer> make_signer(crypto::Certificate certificate, crypto::PrivateKey key) {
  if (!(key.public_key() == certificate.public_key())) {
    return malformed("the signer's key is not that of the signer's certificate");
  }
  return Signer{std::move(certificate), std::move(key)};
}

Result<crypto::CoseSign1> prepare(const SignedRequest& request,
                                  const crypto::Certificate& certificate) {
  VITRINE_TRY(const auto algorithm, algorithm_of(certificate.public_key().kind()));
  VITRINE_CHECK(check(request));
  const std::string kid = to_hex(certificate.der_sha256());  // hex text, not raw (ccf.md 1)
  std::vector<Value::Entry> labels = {
      {Value::integer(kLabelAlgorithm), Value::integer(algorithm)},
      {Value::integer(kLabelKid), Value::bytes(as_bytes(kid))},
      {Value::text(kLabelType), Value::text(name_of(request.type))},
      {Value::text(kLabelCreatedAt), Value::integer(request.created_at)},
  };
  if (!request.proposal_id.empty()) {
    labels.emplace_back(Value::text(kLabelProposalId), Value::text(request.proposal_id));
  }
  crypto::CoseSign1 message;
  message.protected_header = Value::map(std::move(labels));
  message.protected_bytes = codec::cbor::encode(message.protected_header);
  message.unprotected_header = Value::map({});
  message.payload = request.content;
  return message;
}

Result<ToSign> to_sign(const crypto::CoseSign1& prepared) {
  const auto algorithm = prepared.algorithm();
  if (!algorithm) return malformed("signed request: its header names no algorithm");
  VITRINE_TRY(const auto hash, crypto::cose_hash(*algorithm));
  return ToSign{*algorithm, crypto::digest(hash, crypto::cose_signature_input(
                                                     prepared.protected_bytes, prepared.payload))};
}

Result<Bytes> finish(const crypto::CoseSign1& prepared, ByteView signature,
                     const crypto::Certificate& certificate) {
  VITRINE_TRY(const auto algorithm, algorithm_of(certificate.public_key().kind()));
  const std::size_t wanted = 2 * ((certificate.public_key().bits() + 7) / 8);
  if (signature.size() != wanted) {
    return malformed(fmt::format("the signature has {} bytes; r and s together have {}",
                                 signature.size(), wanted),
                     "it must be r || s, not DER");
  }
  crypto::CoseSign1 message = prepared;
  message.signature = to_bytes(signature);
  const auto verified = crypto::verify_cose_sign1(message, algorithm, certificate.public_key());
  if (!verified) {
    return denied("the signature is not one of this request by this certificate's key",
                  "finish with the content, certificate and created_at that it was prepared with");
  }
  return crypto::write_cose_sign1(message.protected_bytes, message.unprotected_header,
                                  message.payload, message.signature);
}

Result<Bytes> sign(const SignedRequest& request, const Signer& signer) {
  VITRINE_TRY(const auto prepared, prepare(request, signer.certificate));
  return crypto::sign_cose_sign1(prepared.protected_header, prepared.unprotected_header,
                                 prepared.payload, signer.key);
}

Result<RequestHeader> header_of(const crypto::CoseSign1& message) {
  RequestHeader header;
  VITRINE_TRY(const auto type, text_in(message.protected_header, kLabelType));
  VITRINE_TRY(header.type, request_type_from(type));
  const auto kid = message.kid();
  if (!kid || !is_id(as_text(*kid))) {
    return malformed("signed request: its kid is not the 64 hex digits of a member or user");
  }
  header.signer = to_text(*kid);
  const Value* created_at = message.protected_header.find(kLabelCreatedAt);
  if (created_at == nullptr) return malformed("signed request: its header has no created_at");
  VITRINE_TRY(header.created_at, created_at->to_integer());
  if (names_a_proposal(header.type)) {
    VITRINE_TRY(header.proposal_id, text_in(message.protected_header, kLabelProposalId));
    if (!is_id(header.proposal_id)) {
      return malformed("signed request: its proposal_id is not 64 hex digits");
    }
  }
  return header;
}

}  // namespace vitrine::client
