// The classic form of governance (ccf.md 4), which the scripts of peers still call.
#include "base/hex.h"
#include "governance/authenticate.h"
#include "service/gov_documents.h"
#include "service/gov_request.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

using codec::json::Object;

net::Response answer(const Exchange& exchange, const core::Governed& governed) {
  return ok(exchange, codec::json::write(classic_summary(*governed.submitted.proposal)),
            governed.id);
}

Object document(const Digest& digest) { return {{"state_digest", to_hex(digest)}}; }

// A member known by its TLS certificate reads the digest that is recorded for it; only a signed
// request records another.
net::Response recorded_digest(const Exchange& exchange) {
  const auto caller = governance::authenticate_certificate(
      exchange.governance(), governance::AuthPolicy::member_cert,
      exchange.request.client_certificate, exchange.core.now());
  if (!caller) return signature_refused(governance::Signers::members, caller.error().message);
  const auto& digests = exchange.view->state.proceedings->state_digests;
  const auto digest = digests.find(caller->id);
  return digest == digests.end() ? no_state_digest(caller->id)
                                 : ok(exchange, document(digest->second));
}

}  // namespace

bool asks_by_certificate(const Exchange& exchange) {
  return exchange.request.body.empty() && !exchange.request.client_certificate.empty();
}

net::Response post_classic_proposal(Exchange& exchange) {
  const auto governed = govern(exchange, classic(kSignedProposal),
                               [](core::Core& core, ByteView envelope, const core::Precheck&) {
                                 return core::submit_proposal(core, envelope);
                               });
  return governed ? answer(exchange, *governed) : governed.error();
}

net::Response get_classic_proposals(Exchange& exchange) {
  Object body;
  for (const auto& [id, proposal] : exchange.view->state.proceedings->proposals) {
    if (proposal->state == governance::ProposalState::open) body[id] = classic_proposal(*proposal);
  }
  return ok(exchange, body);
}

net::Response get_classic_proposal(Exchange& exchange) {
  const auto* proposal = named_proposal(exchange);
  return proposal == nullptr ? no_proposal(exchange) : ok(exchange, classic_proposal(*proposal));
}

net::Response get_classic_actions(Exchange& exchange) {
  const auto* proposal = named_proposal(exchange);
  return proposal == nullptr ? no_proposal(exchange)
                             : ok_as("application/json", exchange, to_text(proposal->document));
}

net::Response post_classic_withdrawal(Exchange& exchange) {
  const auto governed = govern(exchange, classic(kSignedWithdrawal), core::withdraw_proposal);
  if (!governed)
    return governed.error().status == 404 ? no_proposal(exchange, 400) : governed.error();
  if (governed->submitted.changed) return answer(exchange, *governed);
  return framework_error(
      400, "ProposalNotOpen",
      "Proposal " + governed->submitted.proposal->id + " is currently in state withdrawn.");
}

net::Response post_classic_ballot(Exchange& exchange) {
  const auto governed = govern(exchange, classic(kSignedBallot), core::submit_ballot);
  if (!governed) return governed.error();
  if (governed->submitted.changed) return answer(exchange, *governed);
  // The same once more is an error here.
  return framework_error(400, "VoteAlreadyExists", "Vote already submitted.");
}

net::Response get_classic_ballot(Exchange& exchange) {
  const auto* proposal = named_proposal(exchange);
  if (proposal == nullptr) return no_proposal(exchange);
  const auto ballot = proposal->ballots.find(std::string(exchange.parameter("memberId")));
  return ballot == proposal->ballots.end()
             ? no_vote(exchange)
             : ok(exchange, Object{{"ballot", ballot->second.script}});
}

net::Response post_classic_state_digest(Exchange& exchange) {
  if (asks_by_certificate(exchange)) return recorded_digest(exchange);
  const auto governed = govern(exchange, classic(kSignedStateDigest), core::update_state_digest);
  if (!governed) return governed.error();
  return ok(exchange, codec::json::write(document(governed->state_digest)), governed->id);
}

net::Response post_classic_ack(Exchange& exchange) {
  const auto governed = govern(exchange, classic(kSignedAck), core::acknowledge);
  return governed ? no_content(governed->id) : governed.error();
}

net::Response get_classic_members(Exchange& exchange) {
  return ok(exchange, classic_members(exchange.governance()));
}

net::Response get_classic_jwt_keys(Exchange& exchange) {
  return ok(exchange, classic_jwt_keys(exchange.governance()));
}

}  // namespace vitrine::service
