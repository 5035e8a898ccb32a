// Proposals and ballots, in the form of 2024-07-01 (ccf.md 3).
#include "service/gov_documents.h"
#include "service/gov_request.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

net::Response answer(const Exchange& exchange, const core::Governed& governed) {
  return ok(exchange, codec::json::write(proposal_document(*governed.submitted.proposal)),
            governed.id);
}

}  // namespace

net::Response post_gov_proposal(Exchange& exchange) {
  const auto governed = govern(exchange, kSignedProposal,
                               [](core::Core& core, ByteView envelope, const core::Precheck&) {
                                 return core::submit_proposal(core, envelope);
                               });
  return governed ? answer(exchange, *governed) : governed.error();
}

net::Response get_gov_proposals(Exchange& exchange) {
  codec::json::Array list;
  for (const auto& [id, proposal] : exchange.view->state.proceedings->proposals)
    list.push_back(proposal_document(*proposal));
  codec::json::Object body;
  body["value"] = std::move(list);
  return ok(exchange, body);
}

net::Response get_gov_proposal(Exchange& exchange) {
  const auto* proposal = named_proposal(exchange);
  return proposal == nullptr ? no_proposal(exchange) : ok(exchange, proposal_document(*proposal));
}

// As signed, byte for byte.
net::Response get_gov_proposal_actions(Exchange& exchange) {
  const auto* proposal = named_proposal(exchange);
  return proposal == nullptr ? no_proposal(exchange)
                             : ok_as("", exchange, to_text(proposal->document));
}

net::Response post_gov_withdrawal(Exchange& exchange) {
  const auto governed = govern(exchange, kSignedWithdrawal, core::withdraw_proposal);
  if (governed) return answer(exchange, *governed);
  // What is not there needs no withdrawal.
  return governed.error().status == 404 ? no_content() : governed.error();
}

net::Response post_gov_ballot(Exchange& exchange) {
  const auto governed = govern(exchange, kSignedBallot, core::submit_ballot);
  return governed ? answer(exchange, *governed) : governed.error();
}

net::Response get_gov_ballot(Exchange& exchange) {
  const auto* proposal = named_proposal(exchange);
  if (proposal == nullptr) return no_proposal(exchange);
  const auto ballot = proposal->ballots.find(std::string(exchange.parameter("memberId")));
  return ballot == proposal->ballots.end()
             ? no_vote(exchange)
             : ok_as("text/javascript", exchange, ballot->second.script);
}

}  // namespace vitrine::service
