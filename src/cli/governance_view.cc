#include "cli/governance_view.h"

#include <fmt/format.h>

namespace vitrine::cli {
namespace {

using codec::json::Object;

std::string votes_text(const client::Proposal& proposal,
                       const std::vector<client::Person>& members) {
  if (proposal.final_votes.empty()) return fmt::format("{} cast", proposal.ballots);
  std::string text;
  for (const auto& [member, in_favour] : proposal.final_votes) {
    text += (text.empty() ? "" : ", ") + client::described(members, member) +
            (in_favour ? " for" : " against");
  }
  return text;
}

void add_outcome(Fields& fields, const client::Proposal& proposal,
                 const std::vector<client::Person>& members) {
  fields.add("proposal", proposal.id);
  fields.add("state", proposal.state);
  if (!proposal.failure.empty()) fields.add("failure", proposal.failure);
  fields.add("votes", votes_text(proposal, members));
}

}  // namespace

Result<ServiceName> service_name(client::Service& service) {
  VITRINE_TRY(const auto answer, service.network());
  ServiceName name;
  name.dev = answer.dev;
  const Object* network = answer.body.if_object();
  const Object* own = network == nullptr ? nullptr : codec::json::object_of(*network, "vitrine");
  if (own != nullptr) {
    name.genesis_hash = client::shown(codec::json::text_of(*own, "genesis_hash").value_or(""));
  }
  return name;
}

Result<std::vector<client::Person>> members_of(client::CurrentReader& reader) {
  VITRINE_TRY(const auto list, reader.read(client::Source::members));
  return client::people_from(list, client::Role::member);
}

Result<ProposalView> view_of(client::Service& service, client::CurrentReader& reader,
                             const std::string& id) {
  client::GovernanceApi api(service);
  VITRINE_TRY(const auto list, api.proposals());
  VITRINE_TRY(const auto proposals, client::proposals_from(list.body));
  ProposalView view;
  VITRINE_TRY(view.proposal, client::pick(proposals, id));
  VITRINE_TRY(const auto document, api.proposal_document(view.proposal.id));
  if (!document.body.is_object()) return internal("the proposal's document is not an object");
  view.document = document.body.get_object();
  VITRINE_TRY(view.changes, client::changes_of(view.document, reader.current()));
  return view;
}

std::string to_text(const ProposalView& view, const std::vector<client::Person>& members) {
  Fields fields;
  add_outcome(fields, view.proposal, members);
  fields.add("proposed by", client::described(members, view.proposal.proposer));
  return fields.to_text() + "\n" + client::to_text(view.changes);
}

Object to_json(const ProposalView& view) {
  return {{"proposal", view.proposal.document},
          {"document", view.document},
          {"changes", client::to_json(view.changes)}};
}

std::string outcome(const client::Proposal& proposal, const std::vector<client::Person>& members) {
  Fields fields;
  add_outcome(fields, proposal, members);
  return fields.to_text();
}

}  // namespace vitrine::cli
