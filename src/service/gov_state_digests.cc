// State digests and what acknowledges them (ccf.md 3): a member says which state it has seen, and
// becomes active.
#include "base/hex.h"
#include "service/gov_request.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

codec::json::Object document(std::string_view member, const Digest& digest) {
  return {{"memberId", member}, {"stateDigest", to_hex(digest)}};
}

}  // namespace

net::Response get_gov_state_digest(Exchange& exchange) {
  const std::string_view member = exchange.parameter("memberId");
  const auto& digests = exchange.view->state.proceedings->state_digests;
  const auto digest = digests.find(member);
  return digest == digests.end() ? no_state_digest(member)
                                 : ok(exchange, document(member, digest->second));
}

net::Response post_gov_state_digest(Exchange& exchange) {
  const auto governed = govern(exchange, kSignedStateDigest, core::update_state_digest);
  if (!governed) return governed.error();
  const auto body = document(exchange.parameter("memberId"), governed->state_digest);
  return ok(exchange, codec::json::write(body), governed->id);
}

net::Response post_gov_ack(Exchange& exchange) {
  const auto governed = govern(exchange, kSignedAck, core::acknowledge);
  return governed ? no_content(governed->id) : governed.error();
}

}  // namespace vitrine::service
