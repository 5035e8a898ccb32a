// What the constitution says of a proposal.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "governance/actions.h"
#include "governance/constitution.h"
#include "governance/json_fields.h"
#include "governance/state.h"

namespace vitrine::governance {
namespace {

using Roles = std::set<std::string, std::less<>>;

void add_roles(const Member& member, Roles& roles) {
  const auto* data = member.data.if_object();
  if (data == nullptr) return;
  if (const auto role = codec::json::text_of(*data, "role")) roles.emplace(*role);
  const auto* list = codec::json::array_of(*data, "roles");
  if (list == nullptr) return;
  for (const auto& each : *list) {
    if (each.is_string()) roles.emplace(codec::json::text_view(each.get_string()));
  }
}

// Of the active members with a vote.
struct Tally {
  std::uint64_t voters = 0, in_favour = 0, against = 0;
  Roles roles;  // of those in favour
};

bool may_vote(const Member& member, bool operators_vote) {
  return member.status == MemberStatus::active &&
         (operators_vote || !member.is_operator() || member.is_recovery_member());
}

Tally tally(const State& state, bool operators_vote, const std::map<std::string, bool>& votes) {
  Tally count;
  for (const auto& [id, member] : state.members) {
    if (!may_vote(member, operators_vote)) continue;
    ++count.voters;
    const auto vote = votes.find(id);
    if (vote == votes.end()) continue;
    if (!vote->second) {
      ++count.against;
      continue;
    }
    ++count.in_favour;
    add_roles(member, count.roles);
  }
  return count;
}

// If every one of them voted for it.
Tally all_in_favour(const State& state, bool operators_vote) {
  std::map<std::string, bool> votes;
  for (const auto& [id, member] : state.members) votes[id] = true;
  return tally(state, operators_vote, votes);
}

// Who made the proposal.
struct Proposer {
  bool is_active = false;  // a member, and an active one
  bool may_vote = false;
  bool is_operator = false;
};

Proposer proposer_of(const State& state, const std::string& id, bool operators_vote) {
  const auto member = state.members.find(id);
  if (member == state.members.end() || member->second.status != MemberStatus::active) return {};
  return {true, may_vote(member->second, operators_vote), member->second.is_operator()};
}

bool enough_votes(const Rule& rule, const Tally& count, const Proposer& proposer) {
  switch (rule.approve) {
    case Rule::Approve::majority:
      return 2 * count.in_favour > count.voters;
    case Rule::Approve::fraction:
      return count.in_favour > 0 &&
             count.in_favour * rule.denominator >= count.voters * rule.numerator;
    case Rule::Approve::all:
      return count.in_favour > 0 && count.in_favour == count.voters;
    case Rule::Approve::proposal:
      break;
  }
  return proposer.may_vote || count.in_favour > 0;
}

const std::string* missing_role(const Rule& rule, const Tally& count) {
  const auto missing =
      std::find_if(rule.roles.begin(), rule.roles.end(),
                   [&](const std::string& role) { return !count.roles.contains(role); });
  return missing == rule.roles.end() ? nullptr : &*missing;
}

bool passes(const Rule& rule, const Tally& count, const Proposer& proposer) {
  if (rule.operator_alone && proposer.is_operator) return true;
  return enough_votes(rule, count, proposer) && missing_role(rule, count) == nullptr;
}

std::chrono::seconds longest_wait(const Constitution& constitution, const State& state,
                                  const std::vector<Action>& actions) {
  std::chrono::seconds longest{0};
  const auto waits = [&](const Action& action) { return constitution.rule_of(action.name).wait; };
  if (std::all_of(actions.begin(), actions.end(),
                  [&](const Action& action) { return waits(action) == longest; })) {
    return longest;
  }
  const auto tightening = are_tightening(state, actions);
  for (std::size_t i = 0; i < actions.size(); ++i) {
    if (!tightening[i]) longest = std::max(longest, waits(actions[i]));
  }
  return longest;
}

}  // namespace

Verdict Constitution::resolve(const State& state, const std::string& proposer,
                              const std::vector<Action>& actions,
                              const std::map<std::string, bool>& votes) const {
  const Tally count = tally(state, operators_vote_, votes);
  const Proposer by = proposer_of(state, proposer, operators_vote_);
  Verdict verdict{Decision::accepted, {}};
  for (const Action& action : actions) {
    // One active member can always stop releases, whatever the table says.
    if (action.name == "freeze" && by.is_active) continue;
    const Rule& rule = rule_of(action.name);
    if (rule.veto && count.against > 0) return {Decision::rejected, {}};
    if (!passes(rule, count, by)) verdict.decision = Decision::open;
  }
  if (actions.empty()) verdict.decision = Decision::open;
  if (verdict.decision == Decision::accepted) verdict.wait = longest_wait(*this, state, actions);
  return verdict;
}

Status Constitution::check_satisfiable(const State& state) const {
  const Tally best = all_in_favour(state, operators_vote_);
  const bool has_operator =
      std::any_of(state.members.begin(), state.members.end(), [](const auto& entry) {
        return entry.second.status == MemberStatus::active && entry.second.is_operator();
      });
  const auto check = [&](const std::string& name, const Rule& rule) -> Status {
    if (rule.operator_alone && has_operator) return {};
    if (best.voters == 0) {
      return conflict(
          fmt::format("constitution: {} could never pass: no active member has a vote", name));
    }
    if (const auto* role = missing_role(rule, best)) {
      return conflict(
          fmt::format("constitution: {} could never pass: no active member with a vote has the "
                      "role {}",
                      name, quoted(*role)),
          "give a member the role first: member_data.role or member_data.roles");
    }
    return {};
  };
  VITRINE_CHECK(check("any action without a rule of its own", default_));
  for (const auto& [name, rule] : actions_) {
    if (name != "freeze") VITRINE_CHECK(check(name, rule));
  }
  return {};
}

}  // namespace vitrine::governance
