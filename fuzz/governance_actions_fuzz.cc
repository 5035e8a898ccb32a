// A proposal's JSON on a state outside development: all or nothing, and whatever is accepted reads
// back from JSON to the same digest.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "governance/actions.h"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto proposal = codec::json::parse_object(text);
  if (!proposal) return 0;
  const auto actions = governance::actions_from_json(*proposal);
  if (!actions) return 0;

  governance::State state;
  state.settings = governance::Settings::safe_defaults();
  const auto before = state.digest();
  if (!governance::apply_all(state, *actions)) {
    VITRINE_ASSERT(state.digest() == before);
    return 0;
  }
  for (const auto& action : *actions) governance::app_proposal_id(action);
  const auto json = codec::json::parse_object(codec::json::write(state.to_json()));
  VITRINE_ASSERT(json.has_value());
  const auto read = governance::State::from_json(*json);
  VITRINE_ASSERT(read.has_value());
  VITRINE_ASSERT(read->digest() == state.digest());
  // No proposal makes a policy that pins nobody, unless it says so.
  if (state.release_policy && !state.release_policy->claims().empty()) {
    VITRINE_ASSERT(state.release_policy->is_bound() || state.release_policy->allow_unbound());
  }
  return 0;
}
