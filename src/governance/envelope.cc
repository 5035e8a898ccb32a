// Signed envelopes of POST /app/proposals (kms-api.md 8.1, ccf.md 2).
#include <algorithm>

#include "crypto/hash.h"
#include "governance/actions.h"
#include "governance/authenticate.h"

namespace vitrine::governance {
namespace {

constexpr std::int64_t kEs256 = -7, kEs384 = -35, kEs512 = -36;
constexpr std::int64_t kCreatedAtMax = 9'999'999'999;  // ccf.md 2: ten digits

struct Header {
  std::int64_t algorithm = 0;
  std::string kid;
  std::int64_t created_at = 0;
};

// Everything the protected header must say, judged before any signature is.
Result<Header> read_header(const crypto::CoseSign1& message) {
  Header header;
  const auto algorithm = message.algorithm();
  if (!algorithm) return denied("Missing alg in protected header");
  if (*algorithm != kEs256 && *algorithm != kEs384 && *algorithm != kEs512) {
    return denied("Unsupported alg in protected header: only ES256, ES384 and ES512 are accepted");
  }
  header.algorithm = *algorithm;
  const auto kid = message.kid();
  if (!kid) return denied("Missing kid in protected header");
  header.kid = to_text(*kid);
  // The type need not be there (kms-api.md 8.1), but an envelope signed as a ballot or an ack is no
  // proposal.
  if (const auto* type = message.protected_header.find("ccf.gov.msg.type")) {
    const auto text = type->to_text();
    if (!text || *text != "proposal") {
      return denied("ccf.gov.msg.type in protected header is not proposal");
    }
  }
  const auto* created_at = message.protected_header.find("ccf.gov.msg.created_at");
  if (created_at == nullptr) return denied("Missing ccf.gov.msg.created_at in protected header");
  const auto seconds = created_at->to_integer();
  if (!seconds || *seconds < 0 || *seconds > kCreatedAtMax) {
    return denied(
        "ccf.gov.msg.created_at in protected header is not an integer from 0 to 9999999999");
  }
  header.created_at = *seconds;
  return header;
}

// What only the signer can make anew: headers, payload and the signature's r. Unsigned bytes may be
// changed by anyone, and (r, n - s) verifies as (r, s) does (attestation.md 1.5), so neither
// counts.
Digest identity_of_signed_part(const crypto::CoseSign1& message) {
  using codec::cbor::Value;
  const auto r = ByteView(message.signature).first(message.signature.size() / 2);
  return crypto::sha256(codec::cbor::encode(Value::array(
      {Value::bytes(message.protected_bytes), Value::bytes(message.payload), Value::bytes(r)})));
}

}  // namespace

Result<Envelope> verify_envelope(const State& state, ByteView bytes) {
  auto message = crypto::parse_cose_sign1(bytes, crypto::CoseTag::required);
  if (!message) return malformed("Failed to parse COSE_Sign1: " + message.error().message);
  VITRINE_TRY(const auto header, read_header(*message));
  const auto user = state.users.find(header.kid);
  if (user == state.users.end()) return denied("Signer is not a known user");
  const auto& certificate = user->second.certificate;
  if (!crypto::verify_cose_sign1(*message, header.algorithm, certificate.public_key())) {
    return denied("Signature verification failed");
  }
  // Core holds created_at to within minutes of now, so this is the signer's certificate now.
  VITRINE_CHECK(
      check_certificate_dates(state, certificate, from_unix_seconds(header.created_at), "Signer"));
  Envelope envelope;
  envelope.message = *std::move(message);
  envelope.identity = identity_of_signed_part(envelope.message);
  envelope.proposer = header.kid;
  envelope.created_at = header.created_at;
  return envelope;
}

}  // namespace vitrine::governance
