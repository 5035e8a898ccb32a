#include "client/governance/proposal.h"

#include <fmt/format.h>

#include "client/governance/difference.h"
#include "client/governance/people.h"
#include "governance/ballot.h"

namespace vitrine::client {
namespace {

using codec::json::Object;
using codec::json::Value;

std::string text_member(const Object& object, std::string_view name) {
  return shown(codec::json::text_of(object, name).value_or(""));
}

void read_final_votes(const Object& object, Proposal& proposal) {
  const Object* votes = codec::json::object_of(object, "finalVotes");
  if (votes == nullptr) return;
  for (const auto& [member, vote] : *votes) {
    if (vote.is_bool())
      proposal.final_votes.emplace(shown(std::string_view(member)), vote.get_bool());
  }
}

}  // namespace

Result<Proposal> proposal_from(const Value& value) {
  const Object* object = value.if_object();
  if (object == nullptr) return internal("the service's answer is no proposal");
  Proposal proposal;
  proposal.id = text_member(*object, "proposalId");
  proposal.proposer = text_member(*object, "proposerId");
  proposal.state = text_member(*object, "proposalState");
  if (proposal.id.empty() || proposal.state.empty()) {
    return internal("the service's answer is no proposal: proposalId or proposalState is missing");
  }
  proposal.ballots = codec::json::integer_of(*object, "ballotCount").value_or(0);
  read_final_votes(*object, proposal);
  if (const Object* failure = codec::json::object_of(*object, "failure")) {
    proposal.failure = text_member(*failure, "reason");
  }
  proposal.document = *object;
  return proposal;
}

Result<std::vector<Proposal>> proposals_from(const Value& list) {
  const Object* object = list.if_object();
  const auto* values = object == nullptr ? nullptr : codec::json::array_of(*object, "value");
  if (values == nullptr) return internal("the service's answer is no list of proposals");
  std::vector<Proposal> proposals;
  for (const auto& value : *values) {
    VITRINE_TRY(auto proposal, proposal_from(value));
    proposals.push_back(std::move(proposal));
  }
  return proposals;
}

Result<Proposal> pick(const std::vector<Proposal>& proposals, std::string_view prefix) {
  const Proposal* found = nullptr;
  for (const auto& proposal : proposals) {
    if (prefix.empty() || !std::string_view(proposal.id).starts_with(prefix)) continue;
    if (found != nullptr) {
      return conflict(fmt::format("proposal {}: {} and {} begin so", shown(prefix),
                                  shortened(found->id), shortened(proposal.id)),
                      "give more digits of the one you mean");
    }
    found = &proposal;
  }
  if (found == nullptr) {
    return not_found("the service has no proposal " + shown(prefix),
                     "see those there are with: vitrine proposals");
  }
  return *found;
}

std::string ballot(bool in_favour) {
  return codec::json::write(Object{{"ballot", governance::constant_vote(in_favour)}});
}

}  // namespace vitrine::client
