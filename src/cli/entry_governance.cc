// What governance requests say: who asked for what, who voted how, and what came of it.
#include <fmt/format.h>

#include "base/hex.h"
#include "cli/entry_kinds.h"
#include "codec/json.h"

namespace vitrine::cli {
namespace {

using client::audit::Before;
using client::audit::Read;
using client::audit::Standing;
using governance::Proposal;
using governance::ProposalState;
using Proposals = decltype(governance::Proceedings::proposals);

const Proposal* find(const Proposals& proposals, const std::string& id) {
  const auto found = proposals.find(id);
  return found == proposals.end() ? nullptr : found->second.get();
}

// The proposal that this request is about: the first that it changed and did not merely drop.
const Proposal* changed_by(const Before& before, const Standing& after) {
  for (const auto& [id, proposal] : after.proceedings->proposals) {
    if (proposal->state == ProposalState::dropped) continue;
    const auto was = before.proceedings->proposals.find(id);
    if (was == before.proceedings->proposals.end() || was->second != proposal)
      return proposal.get();
  }
  // Its own turn came too late.
  for (const auto& [id, proposal] : after.proceedings->proposals) {
    const auto* was = find(before.proceedings->proposals, id);
    if (was != proposal.get()) return proposal.get();
  }
  return nullptr;
}

std::map<std::string, bool> votes_of(const Proposal& proposal) {
  if (proposal.state != ProposalState::open) return proposal.final_votes;
  std::map<std::string, bool> votes;
  for (const auto& [member, ballot] : proposal.ballots) votes.emplace(member, ballot.in_favour);
  return votes;
}

// "2 for (alice, bob), 1 against (carol)". Names as they were before the proposal changed any.
std::string tally(const std::map<std::string, bool>& votes, const governance::State& governance) {
  std::string names[2];
  std::size_t count[2] = {0, 0};
  for (const auto& [member, in_favour] : votes) {
    std::string& side = names[in_favour ? 0 : 1];
    side += (side.empty() ? "" : ", ") + name_of_member(governance, member);
    ++count[in_favour ? 0 : 1];
  }
  if (votes.empty()) return "no votes";
  std::string text;
  if (count[0] > 0) text = fmt::format("{} for: {}", count[0], names[0]);
  if (count[1] > 0)
    text += fmt::format("{}{} against: {}", text.empty() ? "" : "; ", count[1], names[1]);
  return text;
}

void add_votes(const Proposal& proposal, EntryText& text) {
  codec::json::Object votes;
  for (const auto& [member, in_favour] : votes_of(proposal)) votes[member] = in_favour;
  text.members["proposal_id"] = proposal.id;
  text.members["proposal_state"] = governance::name_of(proposal.state);
  text.members["votes"] = std::move(votes);
  if (!proposal.failure.empty()) text.members["failure"] = proposal.failure;
  if (proposal.takes_effect) text.members["takes_effect"] = to_rfc3339(*proposal.takes_effect);
}

// What has become of the proposal, where this entry decided it.
void add_outcome(const Proposal& proposal, const Before& before, EntryText& text) {
  add_votes(proposal, text);
  if (proposal.state == ProposalState::open) {
    text.what += fmt::format("\nopen: {}", tally(votes_of(proposal), *before.governance));
    if (proposal.takes_effect)
      text.what += fmt::format("\nthe votes suffice: takes effect at {}",
                               to_rfc3339(*proposal.takes_effect));
    return;
  }
  std::string state(governance::name_of(proposal.state));
  state[0] = static_cast<char>(state[0] - 'A' + 'a');
  text.what += fmt::format("\n{}: {}", state, tally(proposal.final_votes, *before.governance));
  if (!proposal.failure.empty()) text.what += "\nbecause " + shown(proposal.failure);
  if (proposal.state == ProposalState::accepted) add_actions(proposal.document, text);
}

// Others that this decision overtook.
void add_dropped(const Proposal* but, const Before& before, const Standing& after,
                 EntryText& text) {
  codec::json::Array dropped;
  for (const auto& [id, proposal] : after.proceedings->proposals) {
    if (proposal.get() == but || proposal->state != ProposalState::dropped) continue;
    const Proposal* was = find(before.proceedings->proposals, id);
    if (was == nullptr || was->state != ProposalState::open) continue;
    text.what +=
        fmt::format("\nproposal {} is dropped: {}", short_id(id), shown(proposal->failure));
    dropped.emplace_back(boost::json::string(id));
  }
  if (!dropped.empty()) text.members["dropped"] = std::move(dropped);
}

EntryText submitted(const std::string& signer, const Before& before, const Standing& after) {
  EntryText text;
  const Proposal* proposal = changed_by(before, after);
  if (proposal == nullptr) return text;
  text.what = fmt::format("{} proposed {}", name_of_user(*before.governance, signer),
                          short_id(proposal->id));
  add_actions(proposal->document, text);
  if (proposal->state == ProposalState::open && !proposal->takes_effect) {
    add_votes(*proposal, text);
  } else {
    EntryText outcome;
    add_outcome(*proposal, before, outcome);
    text.what += outcome.what.substr(0, outcome.what.find('\n', 1));
    for (const auto& member : outcome.members) text.members[member.key()] = member.value();
  }
  add_dropped(proposal, before, after, text);
  return text;
}

EntryText ballot(const std::string& signer, const Before& before, const Standing& after) {
  EntryText text;
  const Proposal* proposal = changed_by(before, after);
  if (proposal == nullptr) return text;
  const auto votes = votes_of(*proposal);
  const auto own = votes.find(signer);
  text.what =
      fmt::format("{} voted {} proposal {}", name_of_member(*before.governance, signer),
                  own != votes.end() && own->second ? "for" : "against", short_id(proposal->id));
  if (own != votes.end()) text.members["in_favour"] = own->second;
  add_outcome(*proposal, before, text);
  add_dropped(proposal, before, after, text);
  return text;
}

EntryText withdrawn(const std::string& signer, const Before& before, const Standing& after) {
  EntryText text;
  const Proposal* proposal = changed_by(before, after);
  if (proposal == nullptr) return text;
  text.what = fmt::format("{} withdrew proposal {}", name_of_user(*before.governance, signer),
                          short_id(proposal->id));
  add_votes(*proposal, text);
  return text;
}

EntryText acked(const std::string& signer, const Before& before, const Standing& after) {
  EntryText text;
  text.what = name_of_member(*after.governance, signer) + " acknowledged the state of the service";
  const bool now_active = before.governance != after.governance;
  if (now_active) text.what += ", and is an active member from now on";
  text.members["becomes_active"] = now_active;
  return text;
}

EntryText request_text(const Read& entry, const Before& before, const Standing& after) {
  EntryText text;
  const auto request = ledger::decode_governance_request(entry.leaf.kind, entry.leaf.public_part);
  if (!request) return text;
  const std::string& signer = request->signer;
  switch (entry.leaf.kind) {
    case ledger::Kind::proposal_submitted:
      text = submitted(signer, before, after);
      break;
    case ledger::Kind::ballot_cast:
      text = ballot(signer, before, after);
      break;
    case ledger::Kind::proposal_withdrawn:
      text = withdrawn(signer, before, after);
      break;
    case ledger::Kind::member_acked:
      text = acked(signer, before, after);
      break;
    default:
      text.what = name_of_member(*after.governance, signer) + " asked for the state to acknowledge";
  }
  text.members["signer"] = signer;
  return text;
}

EntryText applied(const Read& entry, const Before& before, const Standing& after) {
  EntryText text;
  const auto named = ledger::decode_proposal_applied(entry.leaf.public_part);
  if (!named) return text;
  text.what = "the waiting time of proposal " + short_id(named->proposal_id) + " is over";
  const Proposal* proposal = find(after.proceedings->proposals, named->proposal_id);
  if (proposal == nullptr) return text;
  add_outcome(*proposal, before, text);
  add_dropped(proposal, before, after, text);
  return text;
}

EntryText keys_refreshed(const Read& entry) {
  EntryText text;
  const auto refreshed = ledger::decode_issuer_keys_refreshed(entry.leaf.public_part);
  if (!refreshed) return text;
  text.what = "keys of token issuer " + shown(refreshed->issuer) + " fetched from the issuer";
  text.members["issuer"] = refreshed->issuer;
  text.members["jwks_sha256"] = to_hex(refreshed->jwks.sha256);
  return text;
}

}  // namespace

EntryText governance_text(const Read& entry, const Before& before, const Standing& after) {
  switch (entry.leaf.kind) {
    case ledger::Kind::proposal_applied:
      return applied(entry, before, after);
    case ledger::Kind::issuer_keys_refreshed:
      return keys_refreshed(entry);
    default:
      return request_text(entry, before, after);
  }
}

}  // namespace vitrine::cli
