#include "service/attestation_body.h"

#include "base/log.h"
#include "base/text.h"

namespace vitrine::service {

const codec::json::Object* attestation_of(Exchange& exchange) {
  const auto* body = exchange.body();
  return body == nullptr ? nullptr : codec::json::object_of(*body, "attestation");
}

bool has_member(const codec::json::Object& attestation, std::string_view name) {
  const auto* value = codec::json::find(attestation, name);
  if (value == nullptr || value->is_null()) return false;
  if (value->is_bool()) return value->get_bool();
  if (value->is_int64()) return value->get_int64() != 0;
  if (value->is_string()) return !value->get_string().empty();
  return true;
}

core::Judged<attestation::SnpEvidence> evidence_of(const codec::json::Object& attestation) {
  auto evidence = attestation::snp_evidence_from_json(attestation);
  if (evidence) return *std::move(evidence);
  // An empty string passes the peers' presence test and fails in their verifier (kms-api.md 6.1).
  core::Refused step = core::Refused::evidence_malformed;
  for (const std::string_view name :
       {"evidence", "endorsements", "uvm_endorsements", "endorsed_tcb"}) {
    const auto text = codec::json::text_of(attestation, name);
    if (!text) {
      step = core::Refused::evidence_malformed;
      break;
    }
    if (text->empty()) step = core::Refused::evidence_denied;
  }
  return tl::unexpected<core::ReleaseRefusal>(
      core::ReleaseRefusal{step,
                           evidence.error(),
                           printable_ascii(evidence.error().message, limits::kReasonHeaderBytesMax),
                           {}});
}

int status_of(const core::ReleaseRefusal& refusal, bool strict) {
  using core::Refused;
  switch (refusal.step) {
    case Refused::evidence_malformed:
    case Refused::policy_denied:
    case Refused::wrapping_key_unbound:
    case Refused::published_wrapping_key:
      return 400;
    case Refused::evidence_denied:
    case Refused::policy_broken:
    case Refused::wrapping_failed:
      return strict ? 500 : 400;
    case Refused::no_policy:
      return 500;
    case Refused::key_unknown:
      return 404;
    case Refused::key_expired:
      return 410;
    case Refused::frozen:
    case Refused::moved:
      return 503;
    case Refused::failed:
      return refusal.error.code == Code::unavailable ? 503 : 500;
  }
  return 500;
}

void log_refusal(Exchange& exchange, const core::ReleaseRefusal& refusal) {
  exchange.note.reason = refusal.error.message;
  const auto level = refusal.step == core::Refused::failed ? log::Level::error : log::Level::info;
  log::write(level, "release refused",
             {{"path", std::string(exchange.path)}, {"reason", refusal.error.message}});
}

}  // namespace vitrine::service
