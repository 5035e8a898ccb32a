// POST and GET /app/proposals (kms-api.md 2.9, 2.10).
#include "base/hex.h"
#include "base/log.h"
#include "core/accept_proposal.h"
#include "service/gov_request.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

using core::ProposalRefused;

constexpr SignedBy kSignedBy = {GovForm::of_application, governance::MessageType::proposal,
                                governance::Signers::proposers};

net::Response not_accepted(Exchange& exchange, const core::ProposalRefusal& refusal) {
  exchange.note.reason = refusal.error.message;
  log::info("proposal refused", {{"reason", refusal.error.message}});
  net::Response response;
  switch (refusal.step) {
    case ProposalRefused::signature:
      return signature_refused(kSignedBy.signers, refusal.error.message);
    case ProposalRefused::no_payload:
      response = failure(401);
      break;
    case ProposalRefused::too_old:
      response = failure(400);
      break;
    case ProposalRefused::unknown_action:
      response = failure(404);
      break;
    case ProposalRefused::invalid:
      response = exchange.governance().settings.strict_peer_statuses
                     ? framework_error(500, "InternalError", "Exception thrown while executing.")
                     : framework_error(400, "ProposalFailedToValidate", refusal.error.message);
      break;
    case ProposalRefused::failed:
      response = refusal.error.code == Code::unavailable ? unavailable_for(std::chrono::seconds{1})
                                                         : failure(500);
      break;
  }
  add_reason(response, refusal.error.message);
  return response;
}

// Outside dev: a proposal like any other, by a user whom governance lists. Members vote on it.
net::Response propose_openly(Exchange& exchange) {
  const auto governed =
      govern(exchange, kSignedBy, [](core::Core& core, ByteView envelope, const core::Precheck&) {
        return core::submit_app_proposal(core, envelope);
      });
  if (!governed) return governed.error();
  const governance::Proposal& proposal = *governed->submitted.proposal;
  codec::json::Object entry;
  entry["ballot_count"] = proposal.ballots.size();
  entry["proposal_id"] = proposal.id;
  entry["proposer_id"] = proposal.proposer;
  entry["state"] = governance::name_of(proposal.state);
  entry["votes"] = codec::json::Object();
  return ok(exchange, codec::json::write(codec::json::Array{std::move(entry)}), governed->id);
}

}  // namespace

net::Response post_proposals(Exchange& exchange) {
  if (!exchange.governance().settings.accept_at_once) return propose_openly(exchange);
  const auto content_type = net::find_header(exchange.request.headers, "content-type");
  if (!content_type) return signature_refused(kSignedBy.signers, "Missing content-type header");
  if (*content_type != "application/cose")
    return signature_refused(kSignedBy.signers, "Content type is not set to application/cose");

  const auto accepted = core::accept_proposal(exchange.core, as_bytes(exchange.request.body));
  if (!accepted) return not_accepted(exchange, accepted.error());
  exchange.note.signer = accepted->proposer;
  log::info("proposal accepted",
            {{"proposer", accepted->proposer}, {"transaction", ledger::to_text(accepted->id)}});
  codec::json::Array answer;
  for (const std::string& id : accepted->action_ids) {
    codec::json::Object entry;
    entry["ballot_count"] = 0;
    entry["proposal_id"] = id;
    entry["proposer_id"] = accepted->proposer;
    entry["state"] = "Accepted";
    entry["votes"] = codec::json::Object();
    answer.push_back(std::move(entry));
  }
  return ok(exchange, codec::json::write(answer), accepted->id);
}

net::Response get_proposals(Exchange& exchange) {
  codec::json::Array answer;
  for (const auto& kept : exchange.view->state.proceedings->app.kept) {
    answer.push_back(codec::json::Value(to_hex(kept.envelope)));
  }
  return ok(exchange, answer);
}

}  // namespace vitrine::service
