// POST /app/unwrapKey (kms-api.md 2.7): the release, with the contract's table of errors.
#include "base/base64.h"
#include "base/log.h"
#include "base/text.h"
#include "keys/wrap.h"
#include "service/attestation_body.h"
#include "service/authentication.h"
#include "service/key_format.h"
#include "service/metrics.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

std::string_view name_of(bool value) { return value ? "true" : "false"; }

net::Response refused(int status, std::string_view code, std::string_view details) {
  net::Response response = failure(status);
  add_header(response, "x-ms-kms-error-code", code);
  add_text_header(response, "x-ms-kms-error-details", details);
  return response;
}

net::Response missing_kid(const codec::json::Object& body) {
  std::string names;
  for (const auto& member : body) {
    if (!names.empty()) names += ",";
    names += std::string_view(member.key().data(), member.key().size());
  }
  net::Response response = refused(400, "MISSING_WRAPPED_KID", "body_keys:" + names);
  add_header(response, "x-ms-kms-has-wrapping-key", name_of(has_member(body, "wrappingKey")));
  add_header(response, "x-ms-kms-has-attestation", name_of(has_member(body, "attestation")));
  return response;
}

net::Response missing_wrapping_key() {
  net::Response response = refused(400, "WRAPPING_KEY_ERROR", "status_code:400");
  add_header(response, "x-ms-kms-wrapping-key-exists", "false");
  add_header(response, "x-ms-kms-wrapping-key-length", "0");
  return response;
}

// As the peers count them: UTF-16 units. The text is UTF-8 that the JSON reader checked.
std::size_t characters(std::string_view text) {
  std::size_t units = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) units += byte >= 0xf0 ? 2 : 1;
  }
  return units;
}

net::Response bad_pem(const keys::PemLook& look, std::size_t length) {
  std::string details = "has_begin:";
  details += name_of(look.has_begin);
  details += ",has_end:";
  details += name_of(look.has_end);
  details += ",has_literal_nl:";
  details += name_of(look.has_literal_newline);
  details += ",has_actual_nl:";
  details += name_of(look.has_actual_newline);
  net::Response response = refused(400, "INVALID_PEM_FORMAT", details);
  add_header(response, "x-ms-kms-wrapping-key-exists", "true");
  add_header(response, "x-ms-kms-wrapping-key-length", std::to_string(length));
  return response;
}

// Steps 6 to 11 of the table.
net::Response not_released(Exchange& exchange, const codec::json::Object& attestation,
                           const core::ReleaseRefusal& refusal, std::string_view kid,
                           std::string_view wrapping_key, core::KeyFormat format) {
  using core::Refused;
  log_refusal(exchange, refusal);
  exchange.metrics.not_released("unwrapKey", refusal.step);
  const int status = status_of(refusal, exchange.governance().settings.strict_peer_statuses);
  net::Response response;
  switch (refusal.step) {
    case Refused::evidence_malformed:
    case Refused::evidence_denied:
    case Refused::no_policy:
    case Refused::policy_broken:
    case Refused::policy_denied:
      response =
          refused(status, "ATTESTATION_VALIDATION_FAILED", "status_code:" + std::to_string(status));
      add_header(response, "x-ms-kms-attestation-has-evidence",
                 name_of(has_member(attestation, "evidence")));
      add_header(response, "x-ms-kms-attestation-has-endorsements",
                 name_of(has_member(attestation, "endorsements")));
      break;
    case Refused::wrapping_key_unbound:
      response = refused(status, "WRAPPING_KEY_HASH_MISMATCH",
                         "expected_prefix:" + keys::hash_prefix(wrapping_key) +
                             "...,actual_prefix:" + refusal.report_data_prefix + "...");
      break;
    case Refused::key_unknown:
      response = refused(status, "KEY_NOT_FOUND", "wrapped_kid:" + std::string(kid));
      break;
    case Refused::key_expired:
      response = refused(status, "KEY_EXPIRED", "wrapped_kid:" + std::string(kid));
      break;
    case Refused::published_wrapping_key:
      response = refused(status, "WRAPPING_KEY_ERROR", "status_code:" + std::to_string(status));
      break;
    case Refused::wrapping_failed:
      response =
          refused(status, "WRAP_KEY_EXCEPTION",
                  "wrapped_kid:" + std::string(kid) + ",fmt:" + std::string(core::name_of(format)));
      break;
    case Refused::frozen:
    case Refused::moved:
    case Refused::failed:
      response = failure(status);
      if (status == 503) add_header(response, "retry-after", "1");
      break;
  }
  add_reason(response, refusal.reason);
  return response;
}

}  // namespace

net::Response post_unwrap_key(Exchange& exchange) {
  const auto* attestation = attestation_of(exchange);
  if (attestation == nullptr) return failure(400);
  if (const auto checked = check_identity(exchange); !checked) return checked.error();

  const codec::json::Object& body = *exchange.body();
  const auto kid = codec::json::text_of(body, "wrappedKid");
  if (!kid) return missing_kid(body);
  exchange.note.kid = *kid;
  const auto wrapping_key = codec::json::text_of(body, "wrappingKey");
  if (!wrapping_key || wrapping_key->empty()) return missing_wrapping_key();
  if (const auto look = keys::look_at_pem(*wrapping_key); !look.acceptable)
    return bad_pem(look, characters(*wrapping_key));
  const auto format = key_format(exchange.target);
  if (!format) {
    return refused(
        400, "INVALID_FMT_PARAMETER",
        "fmt_received:" + std::string(*exchange.target.find("fmt")) + ",fmt_valid:jwk,tink");
  }
  auto evidence = evidence_of(*attestation);
  if (!evidence)
    return not_released(exchange, *attestation, evidence.error(), *kid, *wrapping_key, *format);

  core::ReleaseRequest request;
  request.caller = exchange.caller;
  request.admits = [&exchange](const auto& view) { return still_admitted(exchange, view); };
  request.evidence = *std::move(evidence);
  request.wrapping_key = *wrapping_key;
  request.kid = *kid;
  request.request_id = exchange.request_id;
  request.format = *format;
  auto released = core::release_key(exchange.core, request);
  if (!released)
    return not_released(exchange, *attestation, released.error(), *kid, *wrapping_key, *format);

  exchange.metrics.released();
  log::info("key released",
            {{"kid", released->key->item.kid}, {"transaction", ledger::to_text(released->id)}});
  const auto receipt = exchange.core.key_receipt(*released->key);
  codec::json::Object answer;
  answer["wrapped"] = to_base64(released->wrapped);
  answer["receipt"] = receipt ? **receipt : std::string();
  return ok(exchange, codec::json::write(answer), released->id);
}

}  // namespace vitrine::service
