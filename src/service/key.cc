// POST /app/key (kms-api.md 2.6): proves the caller's attestation and tells which key exists.
#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "keys/key.h"
#include "service/attestation_body.h"
#include "service/authentication.h"
#include "service/key_format.h"
#include "service/metrics.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

bool is_number(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view without_leading_zeros(std::string_view digits) {
  while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
  return digits;
}

// Every key that is not expired, newest first (I+).
std::vector<keys::PublicItem> unexpired(const Exchange& exchange) {
  std::vector<keys::PublicItem> items;
  const auto& in_order = exchange.view->state.keys->in_order;
  for (auto key = in_order.rbegin(); key != in_order.rend(); ++key) {
    if (!core::is_expired(exchange.governance(), **key, exchange.core.now()))
      items.push_back((*key)->item);
  }
  return items;
}

net::Response refused(Exchange& exchange, const core::ReleaseRefusal& refusal) {
  log_refusal(exchange, refusal);
  exchange.metrics.not_released("key", refusal.step);
  net::Response response =
      failure(status_of(refusal, exchange.governance().settings.strict_peer_statuses));
  add_reason(response, refusal.reason);
  return response;
}

}  // namespace

net::Response post_key(Exchange& exchange) {
  const auto* attestation = attestation_of(exchange);
  if (attestation == nullptr) return failure(400);
  if (const auto checked = check_identity(exchange); !checked) return checked.error();

  const core::KeyTable& table = *exchange.view->state.keys;
  const auto kid = exchange.target.find("kid");
  std::shared_ptr<const core::KeyRecord> key;
  if (!kid) {
    key = table.newest_sound(exchange.governance());
    if (key == nullptr) return failure(400);
  } else if (is_number(*kid)) {
    const auto number = parse_decimal(without_leading_zeros(*kid));
    key = number ? table.find_ohttp(*number) : nullptr;
    if (key == nullptr) return failure(404);
  } else {
    key = table.find(*kid);
  }
  if (key != nullptr) exchange.note.kid = key->item.kid;
  const auto format = key_format(exchange.target);
  if (!format) return failure(400);

  const auto evidence = evidence_of(*attestation);
  if (!evidence) return refused(exchange, evidence.error());
  const auto appraised = core::appraise_evidence(exchange.core, *exchange.view, *evidence);
  if (!appraised) return refused(exchange, appraised.error());
  if (key == nullptr) return failure(404);

  const auto receipt = exchange.core.key_receipt(*key);
  if (!receipt) {
    log::error("no receipt", {{"kid", key->item.kid}, {"reason", receipt.error().message}});
    return failure(500);
  }
  codec::json::Object body;
  const bool all = *format == core::KeyFormat::tink && exchange.target.find("all") == "true";
  body["wrappedKid"] = all ? table.newest()->item.kid : key->item.kid;
  body["wrapped"] = *format == core::KeyFormat::jwk
                        ? std::string()
                        : keys::tink_envelope(all ? unexpired(exchange) : std::vector{key->item},
                                              exchange.core.now());
  body["receipt"] = all ? **exchange.core.key_receipt(*table.newest()) : **receipt;
  return ok(exchange, body);
}

}  // namespace vitrine::service
