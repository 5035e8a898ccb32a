// Constitutions from proposals: what is accepted reads back from its JSON to an equal one; a vote
// in favour more never takes a proposal back; where every rule is said to be satisfiable, all
// members together pass everything.
#include <cstdint>

#include "base/assert.h"
#include "governance/actions.h"
#include "governance/identities_for_testing.h"

using namespace vitrine;
using governance::Decision;

namespace {

governance::State four_members() {
  const auto identity = governance::identity_for_testing("member");
  governance::State state;
  state.settings = governance::Settings::safe_defaults();
  for (const char* const data : {"null", R"({"role":"legal"})", R"({"is_operator":true})",
                                 R"({"roles":["security","ops"],"is_operator":false})"}) {
    governance::Member member{identity.certificate, governance::MemberStatus::active,
                              codec::json::parse(data).value()};
    state.members.emplace("m" + std::to_string(state.members.size()), std::move(member));
  }
  return state;
}

void check_votes(const governance::Constitution& constitution, const governance::State& state) {
  for (const char* const name : {"set_member", "set_constitution", "remove_node", "thaw"}) {
    const std::vector<governance::Action> actions = {{name, {}}};
    std::map<std::string, bool> votes;
    bool accepted = false;
    for (const auto& [id, member] : state.members) {
      const auto verdict = constitution.resolve(state, "m0", actions, votes);
      VITRINE_ASSERT(verdict.decision != Decision::rejected);
      VITRINE_ASSERT(!accepted || verdict.decision == Decision::accepted);
      VITRINE_ASSERT(verdict.wait.count() >= 0 && verdict.wait <= governance::kWaitMax);
      accepted = verdict.decision == Decision::accepted;
      votes[id] = true;
    }
    // Whoever may propose: an operator may be the only one who can.
    const bool passes =
        constitution.resolve(state, "m0", actions, votes).decision == Decision::accepted ||
        constitution.resolve(state, "m2", actions, votes).decision == Decision::accepted;
    if (constitution.check_satisfiable(state)) VITRINE_ASSERT(passes);
  }
  const auto frozen = constitution.resolve(state, "m1", {{"freeze", {}}}, {});
  VITRINE_ASSERT(frozen.decision == Decision::accepted && frozen.wait.count() == 0);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const governance::State state = four_members();
  const auto json = codec::json::parse_object(as_text(ByteView(data, size)));
  if (!json) return 0;
  const auto constitution = governance::Constitution::from_json(*json);
  if (!constitution) {
    VITRINE_ASSERT(constitution.error().code == Code::malformed);
    return 0;
  }
  const auto written = codec::json::write(constitution->to_json());
  const auto again = governance::Constitution::from_json(*codec::json::parse_object(written));
  VITRINE_ASSERT(again.has_value() && *again == *constitution);
  VITRINE_ASSERT(codec::json::write(again->to_json()) == written);
  VITRINE_ASSERT(!constitution->to_javascript().empty());
  check_votes(*constitution, state);
  return 0;
}
