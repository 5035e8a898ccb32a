#include "service/hand_off.h"

#include "base/hex.h"
#include "base/log.h"
#include "core/hand_off_json.h"

namespace vitrine::service {
namespace {

net::Response get_offer(Exchange& exchange, core::HandOffChallenges& challenges) {
  return ok(exchange, core::to_json({exchange.view->state.service->genesis_hash,
                                     challenges.give(exchange.core.now())}));
}

Result<core::HandedOff> hand_off(Exchange& exchange, core::HandOffChallenges& challenges) {
  const auto json = codec::json::parse(exchange.request.body);
  if (!json) return malformed("hand-off: the body is not JSON");
  VITRINE_TRY(const auto request, core::hand_off_request_from_json(*json));
  VITRINE_TRY(auto handed_off, core::hand_off(exchange.core, challenges, request));
  log::info("secrets handed off", {{"node", to_hex(request.node_key.spki_sha256())},
                                   {"transaction", ledger::to_text(handed_off.id)}});
  return handed_off;
}

// As CCF answers who may not join (ccf.md 11).
net::Response refusal_of(Exchange& exchange, const Error& error) {
  log::warning("hand-off refused", {{"reason", error.message}});
  exchange.note.reason = error.message;
  switch (error.code) {
    case Code::malformed:
      return framework_error(400, "InvalidInput", error.message);
    case Code::denied:
      return framework_error(401, "InvalidQuote", error.message);
    case Code::conflict:
      return framework_error(409, "Conflict", error.message);
    case Code::unavailable: {
      auto response = framework_error(503, "ServiceUnavailable", error.message);
      add_header(response, "retry-after", "2");
      return response;
    }
    default:
      return framework_error(500, "InternalError", error.message);
  }
}

net::Response post_hand_off(Exchange& exchange, core::HandOffChallenges& challenges) {
  const auto handed_off = hand_off(exchange, challenges);
  if (!handed_off) return refusal_of(exchange, handed_off.error());
  return ok(exchange, codec::json::write(core::to_json(*handed_off)), handed_off->id);
}

}  // namespace

void add_hand_off_routes(Router& router, Random& random) {
  const auto challenges = std::make_shared<core::HandOffChallenges>(random);
  router.add({"GET", "/node/handoff", Budget::immediate, "",
              [challenges](Exchange& exchange) { return get_offer(exchange, *challenges); }});
  router.add({"POST", "/node/handoff", Budget::governance, "",
              [challenges](Exchange& exchange) { return post_hand_off(exchange, *challenges); }});
}

}  // namespace vitrine::service
