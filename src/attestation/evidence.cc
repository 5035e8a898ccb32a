#include "attestation/evidence.h"

#include <fmt/format.h>

#include "base/base64.h"
#include "base/limits.h"

namespace vitrine::attestation {

namespace {

// A member's text. kms-api.md 6.1 counts null, 0 and false as missing; an empty text is present.
Result<std::string_view> text_member(const codec::json::Object& attestation,
                                     std::string_view name) {
  const auto* value = codec::json::find(attestation, name);
  if (value == nullptr || value->is_null()) {
    return malformed(fmt::format("attestation: member {} is missing", name));
  }
  const auto text = codec::json::text_of(attestation, name);
  if (!text) return malformed(fmt::format("attestation: member {} is not text", name));
  return *text;
}

Result<Bytes> base64_member(const codec::json::Object& attestation, std::string_view name,
                            std::size_t bytes_max) {
  VITRINE_TRY(const auto text, text_member(attestation, name));
  // Four characters carry three bytes; so long texts are refused before they are decoded.
  if (text.size() / 4 * 3 > bytes_max + 3) {
    return malformed(
        fmt::format("attestation: member {} is longer than {} bytes", name, bytes_max));
  }
  auto bytes = from_base64_lenient(text);
  if (!bytes) {
    return in_context(fmt::format("attestation: member {} is not base64", name), bytes.error());
  }
  if (bytes->size() > bytes_max) {
    return malformed(
        fmt::format("attestation: member {} is longer than {} bytes", name, bytes_max));
  }
  return std::move(*bytes);
}

}  // namespace

Result<SnpEvidence> snp_evidence_from_json(const codec::json::Object& attestation) {
  SnpEvidence evidence;
  VITRINE_TRY(evidence.report, base64_member(attestation, "evidence", limits::kEvidenceBytesMax));
  VITRINE_TRY(const auto endorsements,
              base64_member(attestation, "endorsements", limits::kPemBytesMax));
  evidence.endorsements = to_text(endorsements);
  VITRINE_TRY(evidence.uvm_endorsements,
              base64_member(attestation, "uvm_endorsements", limits::kEvidenceBytesMax));
  VITRINE_TRY(const auto tcb, text_member(attestation, "endorsed_tcb"));
  // The verifier says what is wrong with a text of another length; here it only stays bounded.
  if (tcb.size() > 64) {
    return malformed("attestation: member endorsed_tcb is longer than 64 characters");
  }
  evidence.endorsed_tcb = std::string(tcb);
  return evidence;
}

codec::json::Object to_json(const SnpEvidence& evidence) {
  codec::json::Object object;
  object["evidence"] = to_base64(evidence.report);
  object["endorsements"] = to_base64(as_bytes(evidence.endorsements));
  object["uvm_endorsements"] = to_base64(evidence.uvm_endorsements);
  object["endorsed_tcb"] = evidence.endorsed_tcb;
  return object;
}

}  // namespace vitrine::attestation
