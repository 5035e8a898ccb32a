#include "governance/signed_request.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/hash.h"
#include "governance/authenticate.h"
#include "governance/state.h"

namespace vitrine::governance {
namespace {

using codec::cbor::Type;
using codec::cbor::Value;

constexpr std::int64_t kLabelAlgorithm = 1, kLabelKid = 4;
constexpr std::int64_t kEs256 = -7, kEs384 = -35, kEs512 = -36;
constexpr std::size_t kShownBytesMax = 64;  // of text from outside in a message
constexpr std::string_view kInvalidCreatedAt =
    "ccf.gov.msg.created_at in protected header is not an integer from 0 to 9999999999";

struct Header {
  std::int64_t algorithm = 0;
  std::string kid;
  std::optional<std::string> type;
  std::int64_t created_at = 0;
  std::optional<std::string> proposal_id;
};

Result<std::int64_t> read_algorithm(const Value& header) {
  const Value* const found = header.find(kLabelAlgorithm);
  if (found == nullptr) return malformed("Missing alg in protected header");
  const auto algorithm = found->to_integer();
  if (!algorithm) return malformed("alg in protected header is not an integer of 64 bits");
  return *algorithm;
}

Result<std::string> read_kid(const Value& header) {
  const Value* const found = header.find(kLabelKid);
  if (found == nullptr) return malformed("Missing kid in protected header");
  if (!found->is(Type::byte_string)) {
    return malformed("kid in protected header is not a byte string");
  }
  return to_text(found->as_bytes());
}

Result<std::optional<std::string>> read_text(const Value& header, std::string_view label) {
  const Value* const found = header.find(label);
  if (found == nullptr) return std::optional<std::string>();
  if (!found->is(Type::text_string)) {
    return malformed(std::string(label) + " in protected header is not text");
  }
  return std::optional<std::string>(found->as_text());
}

Result<std::int64_t> read_created_at(const Value& header) {
  const Value* const found = header.find("ccf.gov.msg.created_at");
  if (found == nullptr) return malformed("Missing ccf.gov.msg.created_at in protected header");
  const auto seconds = found->to_integer();
  if (!seconds || *seconds < 0 || *seconds > kCreatedAtMax) {
    return malformed(std::string(kInvalidCreatedAt));
  }
  return *seconds;
}

Result<Header> read_header(const Value& map) {
  Header header;
  VITRINE_TRY(header.algorithm, read_algorithm(map));
  VITRINE_TRY(header.kid, read_kid(map));
  VITRINE_TRY(header.type, read_text(map, "ccf.gov.msg.type"));
  VITRINE_TRY(header.created_at, read_created_at(map));
  VITRINE_TRY(header.proposal_id, read_text(map, "ccf.gov.msg.proposal_id"));
  return header;
}

Status check_algorithm(std::int64_t algorithm) {
  if (algorithm == kEs256 || algorithm == kEs384 || algorithm == kEs512) return {};
  return denied("Unsupported alg in protected header: only ES256, ES384 and ES512 are accepted");
}

Status check_type(const std::optional<std::string>& found, MessageType expected, Signers signers) {
  if (!found && signers == Signers::proposers) return {};  // kms-api.md 8.1
  if (found == name_of(expected)) return {};
  return denied("Found ccf.gov.msg.type set to " +
                (found ? printable_ascii(*found, kShownBytesMax) : "nothing") +
                ", expected ccf.gov.msg.type to be " + std::string(name_of(expected)));
}

// The certificate that the request must be signed for.
Result<const crypto::Certificate*> member_certificate(const State& state, const std::string& kid,
                                                      Signers signers) {
  const auto member = state.members.find(kid);
  if (member == state.members.end()) return denied("Signer is not a known member");
  if (signers == Signers::active_members && member->second.status != MemberStatus::active) {
    return denied("Signer is not an ACTIVE member");
  }
  return &member->second.certificate;
}

Result<const crypto::Certificate*> proposer_certificate(const State& state, const std::string& kid,
                                                        std::int64_t created_at) {
  const auto user = state.users.find(kid);
  if (user == state.users.end()) return denied("Signer is not a known user");
  const auto& listed = state.settings.proposers;
  if (!state.settings.dev && std::find(listed.begin(), listed.end(), kid) == listed.end()) {
    return denied("Signer is not listed as a proposer");
  }
  // Core holds created_at of users' proposals to within minutes of now. Of members no dates are
  // asked: an expired certificate must not keep them from voting for a new one.
  const auto& certificate = user->second.certificate;
  VITRINE_CHECK(
      check_certificate_dates(state, certificate, from_unix_seconds(created_at), "Signer"));
  return &certificate;
}

// What only the signer can make anew: headers, payload and the signature's r. Unsigned bytes may be
// changed by anyone, and (r, n - s) verifies as (r, s) does (attestation.md 1.5), so neither
// counts.
Digest identity_of_signed_part(const crypto::CoseSign1& message) {
  const auto r = ByteView(message.signature).first(message.signature.size() / 2);
  return crypto::sha256(codec::cbor::encode(Value::array(
      {Value::bytes(message.protected_bytes), Value::bytes(message.payload), Value::bytes(r)})));
}

}  // namespace

std::string_view name_of(MessageType type) {
  switch (type) {
    case MessageType::proposal:
      return "proposal";
    case MessageType::ballot:
      return "ballot";
    case MessageType::withdrawal:
      return "withdrawal";
    case MessageType::state_digest:
      return "state_digest";
    case MessageType::ack:
      return "ack";
    case MessageType::recovery_share:
      break;
  }
  return "recovery_share";
}

Result<SignedRequest> verify_signed_request(const State& state, ByteView bytes, MessageType type,
                                            Signers signers,
                                            const BeforeSignature& before_signature) {
  auto message =
      crypto::parse_cose_sign1(bytes, crypto::CoseTag::required, codec::cbor::Strictness::definite);
  if (!message) return malformed("Failed to parse COSE_Sign1: " + message.error().message);
  VITRINE_TRY(auto header, read_header(message->protected_header));
  VITRINE_CHECK(check_algorithm(header.algorithm));
  VITRINE_CHECK(check_type(header.type, type, signers));
  const bool by_user = signers == Signers::proposers;
  VITRINE_TRY(const auto* certificate,
              by_user ? proposer_certificate(state, header.kid, header.created_at)
                      : member_certificate(state, header.kid, signers));
  SignedRequest request;
  request.signature_sha256 = crypto::sha256(message->signature);
  request.identity = identity_of_signed_part(*message);
  request.message = *std::move(message);
  request.signer = std::move(header.kid);
  request.created_at = header.created_at;
  request.proposal_id = std::move(header.proposal_id);
  if (before_signature) VITRINE_CHECK(before_signature(request));
  if (!crypto::verify_cose_sign1(request.message, header.algorithm, certificate->public_key())) {
    return denied(by_user ? "Signature verification failed" : "Failed to validate COSE Sign1");
  }
  return request;
}

bool is_invalid_created_at(const Error& error) {
  return error.code == Code::malformed && error.message == kInvalidCreatedAt;
}

}  // namespace vitrine::governance
