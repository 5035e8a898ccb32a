// Proposals and their ballots: from submission to what became of them.
#include <algorithm>

#include "base/hex.h"
#include "crypto/hash.h"
#include "governance/fold.h"

namespace vitrine::governance {
namespace {

constexpr auto kCreatedAtAhead = std::chrono::minutes(10);

tl::unexpected<Refusal> refuse(Refused why, Error error) {
  return tl::unexpected<Refusal>(Refusal{why, std::move(error)});
}

std::string lower_name(ProposalState state) {
  std::string name(name_of(state));
  name[0] = static_cast<char>(name[0] + ('a' - 'A'));
  return name;
}

// A change under way: copies that replace the folded values once all has gone well.
struct Working {
  explicit Working(const Folded& folded) : state(*folded.state), proceedings(*folded.proceedings) {}
  void commit(Folded& folded, bool state_changed) {
    if (state_changed) folded.state = std::make_shared<const State>(std::move(state));
    folded.proceedings = std::make_shared<const Proceedings>(std::move(proceedings));
  }
  State state;
  Proceedings proceedings;
};

std::vector<Digest> targets_of(const State& state, const std::vector<Action>& actions) {
  std::vector<Digest> targets;
  targets.reserve(actions.size());
  for (const Action& action : actions) targets.push_back(target_digest(state, action));
  return targets;
}

Result<std::vector<Action>> actions_of(const Proposal& proposal) {
  return governance::actions_of(as_text(proposal.document), nullptr);
}

std::map<std::string, bool> votes_of(const Proposal& proposal) {
  std::map<std::string, bool> votes;
  for (const auto& [member, ballot] : proposal.ballots) votes.emplace(member, ballot.in_favour);
  return votes;
}

void put(Proceedings& proceedings, Proposal proposal) {
  auto kept = std::make_shared<const Proposal>(std::move(proposal));
  proceedings.proposals[kept->id] = kept;
}

void drop(Proceedings& proceedings, const Proposal& open, std::string why) {
  Proposal dropped = open;
  dropped.state = ProposalState::dropped;
  dropped.takes_effect.reset();
  dropped.final_votes = votes_of(open);
  dropped.failure = std::move(why);
  put(proceedings, std::move(dropped));
}

std::vector<std::shared_ptr<const Proposal>> open_proposals(const Proceedings& proceedings) {
  std::vector<std::shared_ptr<const Proposal>> open;
  for (const auto& [id, proposal] : proceedings.proposals) {
    if (proposal->state == ProposalState::open) open.push_back(proposal);
  }
  return open;
}

// What was decided before this decision can no longer be read back (ccf.md 3).
void forget_decided(Proceedings& proceedings, const std::string& but) {
  std::erase_if(proceedings.proposals, [&](const auto& entry) {
    return entry.second->state != ProposalState::open && entry.first != but;
  });
}

// Those that would change something else by now than their voters looked at.
void drop_overtaken(Working& working, const Proposal& applied, bool trust) {
  for (const auto& open : open_proposals(working.proceedings)) {
    if (open->id == applied.id) continue;
    if (trust) {
      drop(working.proceedings, *open,
           "proposal " + applied.id + " changed whom the service trusts");
      continue;
    }
    const auto actions = actions_of(*open);
    if (!actions || targets_of(working.state, *actions) != open->targets) {
      drop(working.proceedings, *open,
           "proposal " + applied.id + " changed what this one would change");
    }
  }
}

// Applies what the votes accepted. The state is changed only where it goes well.
bool apply(Working& working, Proposal& proposal, const std::vector<Action>& actions,
           const Moment& at) {
  proposal.takes_effect.reset();
  proposal.final_votes = votes_of(proposal);
  if (targets_of(working.state, actions) != proposal.targets) {
    proposal.state = ProposalState::dropped;
    proposal.failure = "what this proposal would change was changed meanwhile";
    return false;
  }
  Change change{working.state, working.proceedings, proposal.proposer, at};
  if (const Status applied = apply_all(change, actions); !applied) {
    proposal.state = ProposalState::failed;
    proposal.failure = applied.error().message;
    return false;
  }
  proposal.state = ProposalState::accepted;
  return true;
}

// What the votes so far make of an open proposal. True: the governance state changed.
Result<bool> settle(Working& working, Proposal& proposal, const Moment& at, bool waited) {
  VITRINE_TRY(const auto actions, actions_of(proposal));
  const Verdict verdict = working.state.constitution.resolve(working.state, proposal.proposer,
                                                             actions, votes_of(proposal));
  if (verdict.decision == Decision::open) {
    proposal.takes_effect.reset();
    return false;
  }
  if (verdict.decision == Decision::accepted && verdict.wait.count() > 0 && !waited) {
    if (!proposal.takes_effect) proposal.takes_effect = at.time + verdict.wait;
    return false;
  }
  forget_decided(working.proceedings, proposal.id);
  if (verdict.decision == Decision::rejected) {
    proposal.state = ProposalState::rejected;
    proposal.takes_effect.reset();
    proposal.final_votes = votes_of(proposal);
    return false;
  }
  if (!apply(working, proposal, actions, at)) return false;
  const bool trust = std::any_of(actions.begin(), actions.end(),
                                 [](const Action& action) { return changes_trust(action.name); });
  drop_overtaken(working, proposal, trust);
  return true;
}

Submitted submitted(const Folded& folded, const std::string& id) {
  Submitted result;
  result.proposal = folded.proceedings->proposals.find(id)->second;
  return result;
}

Submitted unchanged(std::shared_ptr<const Proposal> proposal) {
  Submitted result;
  result.proposal = std::move(proposal);
  result.changed = false;
  return result;
}

Outcome<Submitted> settled(Folded& folded, Working& working, Proposal proposal, const Moment& at) {
  const auto changed = settle(working, proposal, at, /*waited=*/false);
  if (!changed) return refuse(Refused::failed, changed.error());
  const std::string id = proposal.id;
  put(working.proceedings, std::move(proposal));
  working.commit(folded, *changed);
  return submitted(folded, id);
}

Outcome<void> check_room(const Proceedings& proceedings, const std::string& proposer) {
  const auto open = open_proposals(proceedings);
  if (open.size() >= kOpenProposalsMax) {
    return refuse(Refused::too_many,
                  {Code::conflict, std::to_string(open.size()) + " proposals are open already",
                   "vote on them, or withdraw some"});
  }
  const auto own = std::count_if(open.begin(), open.end(), [&](const auto& proposal) {
    return proposal->proposer == proposer;
  });
  if (static_cast<std::size_t>(own) >= kOpenProposalsPerProposerMax) {
    return refuse(Refused::too_many, {Code::conflict,
                                      std::to_string(own) + " proposals of this proposer are open "
                                                            "already",
                                      "withdraw some"});
  }
  return {};
}

bool freezes_alone(const std::vector<Action>& actions) {
  return actions.size() == 1 && actions[0].name == "freeze";
}

void remember(Proceedings& proceedings, const RecentProposal& recent, std::size_t most) {
  auto& known = proceedings.recent;
  const auto place =
      std::upper_bound(known.begin(), known.end(), recent, [](const auto& a, const auto& b) {
        return std::tie(a.created_at, a.signature_sha256.bytes) <
               std::tie(b.created_at, b.signature_sha256.bytes);
      });
  known.insert(place, recent);
  while (known.size() > most) known.erase(known.begin());
}

// The open proposal that a ballot or a withdrawal is about.
Outcome<std::shared_ptr<const Proposal>> find_named(const Folded& folded,
                                                    const SignedRequest& request) {
  if (!request.proposal_id) {
    return refuse(Refused::invalid_input,
                  {Code::malformed, "the request does not name a proposal", {}});
  }
  const auto found = folded.proceedings->proposals.find(*request.proposal_id);
  if (found == folded.proceedings->proposals.end()) {
    return refuse(Refused::unknown_proposal,
                  {Code::not_found, "Could not find proposal " + *request.proposal_id + ".", {}});
  }
  return found->second;
}

tl::unexpected<Refusal> not_open(const Proposal& proposal) {
  return refuse(Refused::not_open, {Code::conflict,
                                    "Proposal " + proposal.id + " is currently in state " +
                                        lower_name(proposal.state) +
                                        " - only open proposals can receive votes or be "
                                        "withdrawn",
                                    {}});
}

}  // namespace

Outcome<void> check_recent(const Proceedings& proceedings, std::int64_t created_at,
                           ByteView signature, const Digest& identity) {
  const Digest signature_sha256 = crypto::sha256(signature);
  for (const RecentProposal& known : proceedings.recent) {
    const bool same_bytes =
        known.created_at == created_at && known.signature_sha256 == signature_sha256;
    if (same_bytes || known.identity == identity) {
      return refuse(Refused::replay,
                    {Code::conflict,
                     "Proposal submission replay, already exists as proposal " + known.proposal_id,
                     {}});
    }
  }
  if (proceedings.recent.empty()) return {};
  const std::int64_t median = proceedings.recent[proceedings.recent.size() / 2].created_at;
  if (created_at < median) {
    return refuse(
        Refused::too_old,
        {Code::conflict,
         "Proposal created too long ago, created_at must be greater than " + std::to_string(median),
         "sign it again with the time of now"});
  }
  return {};
}

Outcome<Submitted> submit_proposal(Folded& folded, const Request& request, const Moment& at,
                                   const Digest& genesis_hash) {
  const SignedRequest& verified = request.verified;
  if (from_unix_seconds(verified.created_at) > at.time + kCreatedAtAhead) {
    return refuse(Refused::invalid_created_at,
                  {Code::malformed, "created_at is more than 10 minutes in the future", {}});
  }
  if (const auto recent = check_recent(*folded.proceedings, verified.created_at,
                                       verified.message.signature, verified.identity);
      !recent) {
    return tl::unexpected<Refusal>(recent.error());
  }
  const auto actions = governance::actions_of(as_text(verified.message.payload), &genesis_hash);
  if (!actions) return refuse(Refused::not_validated, actions.error());
  // Whoever fills the room must not keep others from freezing, which needs none: it is decided at
  // once.
  if (const auto room = check_room(*folded.proceedings, verified.signer);
      !room && !freezes_alone(*actions)) {
    return tl::unexpected<Refusal>(room.error());
  }
  // A proposal that could not apply now is refused now.
  {
    Working trial(folded);
    Change change{trial.state, trial.proceedings, verified.signer, at};
    if (const Status applied = apply_all(change, *actions); !applied)
      return refuse(Refused::not_validated, applied.error());
  }
  Working working(folded);
  Proposal proposal;
  Bytes id(at.signed_root.bytes.begin(), at.signed_root.bytes.end());
  append(id, verified.signature_sha256);
  proposal.id = to_hex(crypto::sha256(id));
  proposal.proposer = verified.signer;
  proposal.by_user = folded.state->users.contains(verified.signer) &&
                     !folded.state->members.contains(verified.signer);
  proposal.submitted = at.id;
  proposal.document = verified.message.payload;
  proposal.targets = targets_of(working.state, *actions);
  remember(working.proceedings,
           {verified.created_at, verified.signature_sha256, verified.identity, proposal.id},
           folded.state->settings.recent_proposals);
  return settled(folded, working, std::move(proposal), at);
}

Outcome<Submitted> submit_ballot(Folded& folded, const Request& request, const Moment& at) {
  auto found = find_named(folded, request.verified);
  if (!found) return tl::unexpected<Refusal>(found.error());
  const Proposal& known = **found;
  auto ballot = read_ballot(as_text(request.verified.message.payload));
  if (known.state != ProposalState::open) return not_open(known);
  if (!ballot) return refuse(Refused::invalid_input, ballot.error());
  const std::string& member = request.verified.signer;
  if (const auto cast = known.ballots.find(member); cast != known.ballots.end()) {
    if (cast->second.script == ballot->script) return unchanged(*found);
    return refuse(Refused::already_voted,
                  {Code::conflict,
                   "Different ballot already submitted by " + member + " for " + known.id + ".",
                   {}});
  }
  Working working(folded);
  Proposal proposal = known;
  proposal.ballots.emplace(member, *std::move(ballot));
  return settled(folded, working, std::move(proposal), at);
}

Outcome<Submitted> withdraw_proposal(Folded& folded, const Request& request) {
  auto found = find_named(folded, request.verified);
  if (!found) return tl::unexpected<Refusal>(found.error());
  const Proposal& known = **found;
  // What a user proposed any member may withdraw: users sign no withdrawals.
  if (known.proposer != request.verified.signer && !known.by_user) {
    return refuse(Refused::not_proposer,
                  {Code::denied,
                   "Proposal " + known.id + " can only be withdrawn by proposer " + known.proposer +
                       ", not caller " + request.verified.signer + ".",
                   {}});
  }
  if (known.state == ProposalState::withdrawn) return unchanged(*found);
  if (known.state != ProposalState::open) return not_open(known);
  Working working(folded);
  forget_decided(working.proceedings, known.id);
  Proposal proposal = known;
  proposal.state = ProposalState::withdrawn;
  proposal.takes_effect.reset();
  put(working.proceedings, std::move(proposal));
  working.commit(folded, /*state_changed=*/false);
  return submitted(folded, known.id);
}

std::vector<std::string> due_proposals(const Proceedings& proceedings, Time now) {
  std::vector<std::string> due;
  for (const auto& [id, proposal] : proceedings.proposals) {
    if (proposal->state == ProposalState::open && proposal->takes_effect &&
        *proposal->takes_effect <= now) {
      due.push_back(id);
    }
  }
  return due;
}

Status apply_waited(Folded& folded, const std::string& proposal_id, const Moment& at) {
  const auto* known = folded.proceedings->find(proposal_id);
  if (known == nullptr || known->state != ProposalState::open || !known->takes_effect ||
      *known->takes_effect > at.time) {
    return conflict("proposal " + proposal_id + " does not wait, or its time has not come");
  }
  Working working(folded);
  Proposal proposal = *known;
  VITRINE_TRY(const bool changed, settle(working, proposal, at, /*waited=*/true));
  put(working.proceedings, std::move(proposal));
  working.commit(folded, changed);
  return {};
}

}  // namespace vitrine::governance
