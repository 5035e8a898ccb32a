// The constitution: a table of what a proposal needs to pass, by action (DESIGN.md 4, decision 9;
// docs/governance.md). Data, never a program; changed only by its own rule for set_constitution.
// Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace vitrine::governance {

struct State;
struct Action;

// What one action needs. Of votes, only those of active voting members count: `roles` and `veto`
// too.
struct Rule {
  enum class Approve {
    majority,  // more than half of the active voting members
    fraction,  // at least numerator/denominator of them
    all,
    proposal,  // no vote, if a member with a vote made the proposal, else one vote in favour
  };
  Approve approve = Approve::majority;
  std::uint32_t numerator = 0, denominator = 0;  // of a fraction: 1 to kDenominatorMax
  std::vector<std::string> roles;  // for each, a member in favour has it as member_data.role or in
                                   // member_data.roles
  bool veto = false;               // one vote against rejects
  std::chrono::seconds wait{0};    // between the last vote needed and effect, at most kWaitMax
  bool operator_alone = false;     // the proposal of an operator (member_data.is_operator) suffices
  bool operator==(const Rule&) const = default;
};
inline constexpr std::uint32_t kDenominatorMax = 1000;
inline constexpr std::chrono::seconds kWaitMax = std::chrono::hours{24 * 366};

enum class Decision { open, accepted, rejected };

struct Verdict {
  Decision decision = Decision::open;
  std::chrono::seconds wait{0};  // where accepted: the longest of its actions; tightening: none
};

class Constitution {
 public:
  Constitution() = default;  // majority

  // "majority", "veto", "operator", "sandbox". malformed: another name.
  static Result<Constitution> preset(std::string_view name);
  // {"preset":"majority"} or {"default":RULE,"actions":{NAME:RULE},"operators_vote":bool}; a RULE
  // has "approve" ("majority", "all", "2/3", "proposal"), "roles", "veto", "wait_seconds",
  // "operator_alone". Only "default" has to be there. malformed names what is wrong, an unknown
  // member or action too.
  static Result<Constitution> from_json(const codec::json::Object& json);
  codec::json::Object to_json() const;  // from_json() reads it back to an equal constitution
  // What GET /gov/service/constitution answers: the table as the text of a JavaScript module.
  std::string to_javascript() const;

  const Rule& rule_of(std::string_view action) const;
  // Any member alone can change whatever has no rule of its own, or the constitution: for --dev.
  bool is_sandbox() const;
  bool operator==(const Constitution&) const = default;

  // `votes`: by member id, of all who voted; only active voting members count. Rules of all the
  // actions must hold together. freeze passes by the proposal of one active member. `proposer` is a
  // member or a user; to propose is not to vote.
  Verdict resolve(const State& state, const std::string& proposer,
                  const std::vector<Action>& actions,
                  const std::map<std::string, bool>& votes) const;
  // conflict: a rule that the active members could never satisfy, with the action and why.
  Status check_satisfiable(const State& state) const;

 private:
  codec::json::Object table() const;

  std::string preset_name_ = "majority";  // empty: a table of its own
  Rule default_;
  std::map<std::string, Rule, std::less<>> actions_;
  bool operators_vote_ = true;  // false: operators without an encryption key have no vote
};

// What only takes away (a claim's value, an issuer, a member, a user, trust; freezing) takes effect
// at once: whether nobody could get more after the action than before. Taking a claim's last value
// away is not: then it is demanded no more.
bool is_tightening(const State& state, const Action& action);
// The same of each action of a proposal, judged after those before it: two that take away alone may
// give something together.
std::vector<bool> are_tightening(const State& state, const std::vector<Action>& actions);

}  // namespace vitrine::governance
