// vitrine proposals: those there are, or one with what it would change.
#include <fmt/format.h>

#include "cli/connection.h"
#include "cli/governance_commands.h"
#include "cli/governance_view.h"
#include "cli/proposal_document.h"

namespace vitrine::cli {
namespace {

std::string actions_of(client::GovernanceApi& api, const client::Proposal& proposal) {
  const auto document = api.proposal_document(proposal.id);
  if (!document || !document->body.is_object()) return "?";
  return action_names(document->body.get_object()).value_or("?");
}

Status show_all(client::Service& service, Context& context) {
  client::GovernanceApi api(service);
  client::CurrentReader reader(service);
  VITRINE_TRY(const auto answer, api.proposals());
  VITRINE_TRY(const auto proposals, client::proposals_from(answer.body));
  VITRINE_TRY(const auto members, members_of(reader));
  Grid grid({"proposal", "state", "votes", "proposed by", "actions"});
  codec::json::Array list;
  for (const auto& proposal : proposals) {
    const std::string actions = actions_of(api, proposal);
    grid.add({client::shortened(proposal.id), proposal.state, std::to_string(proposal.ballots),
              client::described(members, proposal.proposer), actions});
    codec::json::Object item = proposal.document;
    item["actions"] = actions;
    list.push_back(std::move(item));
  }
  context.out.result(proposals.empty() ? "no proposals\n" : grid.to_text(),
                     {{"proposals", std::move(list)}});
  return {};
}

}  // namespace

Status run_proposals(const ProposalsOptions& options, Context& context) {
  VITRINE_TRY(auto service, connect(context));
  if (options.id.empty()) return show_all(service, context);
  client::CurrentReader reader(service);
  VITRINE_TRY(const auto view, view_of(service, reader, options.id));
  VITRINE_TRY(const auto members, members_of(reader));
  context.out.result(to_text(view, members), to_json(view));
  return {};
}

}  // namespace vitrine::cli
