// vitrine vote and withdraw: a ballot of this member, or the end of one's own proposal.
#include <fmt/format.h>

#include "base/hex.h"
#include "cli/connection.h"
#include "cli/governance_view.h"
#include "cli/signing.h"

namespace vitrine::cli {
namespace {

// The proposal to speak of: shown to the person who is about to sign.
Result<client::Proposal> shown_proposal(client::Service& service, client::CurrentReader& reader,
                                        const std::string& id, Context& context) {
  VITRINE_TRY(const auto view, view_of(service, reader, id));
  VITRINE_TRY(const auto members, members_of(reader));
  context.out.preview(to_text(view, members) + "\n");
  return view.proposal;
}

Status report(client::CurrentReader& reader, const client::Answer& answer, Context& context) {
  VITRINE_TRY(const auto proposal, client::proposal_from(answer.body));
  VITRINE_TRY(const auto members, members_of(reader));
  context.out.result(outcome(proposal, members),
                     {{"transaction_id", answer.transaction_id}, {"proposal", proposal.document}});
  return {};
}

}  // namespace

Status run_vote(const VoteOptions& options, Context& context) {
  if (options.in_favour == options.against) {
    return malformed("say how to vote: either --for or --against");
  }
  VITRINE_TRY(const auto certificate, signer_certificate(options.signing, context));
  VITRINE_TRY(auto service, connect(context));
  client::CurrentReader reader(service);
  VITRINE_TRY(const auto proposal, shown_proposal(service, reader, options.id, context));
  const char* question = options.in_favour ? "Sign a vote for it?" : "Sign a vote against it?";
  VITRINE_CHECK(confirm(options.signing, context, question));
  client::SignedRequest request;
  request.type = client::RequestType::ballot;
  request.created_at = to_unix_seconds(context.clock.now());
  request.proposal_id = proposal.id;
  request.content = to_bytes(client::ballot(options.in_favour));
  VITRINE_TRY(const auto bytes, sign_or_write(request, options.signing, context, {}));
  if (!bytes) return {};
  const auto answer = client::GovernanceApi(service).submit_ballot(
      proposal.id, to_hex(certificate.der_sha256()), *bytes);
  if (!answer) return in_context("vote on " + client::shortened(proposal.id), answer.error());
  return report(reader, *answer, context);
}

Status run_withdraw(const WithdrawOptions& options, Context& context) {
  VITRINE_TRY(auto service, connect(context));
  client::CurrentReader reader(service);
  VITRINE_TRY(const auto proposal, shown_proposal(service, reader, options.id, context));
  VITRINE_CHECK(confirm(options.signing, context, "Withdraw it?"));
  client::SignedRequest request;
  request.type = client::RequestType::withdrawal;
  request.created_at = to_unix_seconds(context.clock.now());
  request.proposal_id = proposal.id;
  VITRINE_TRY(const auto bytes, sign_or_write(request, options.signing, context, {}));
  if (!bytes) return {};
  const auto answer = client::GovernanceApi(service).withdraw(proposal.id, *bytes);
  if (!answer) return in_context("withdrawal of " + client::shortened(proposal.id), answer.error());
  return report(reader, *answer, context);
}

}  // namespace vitrine::cli
