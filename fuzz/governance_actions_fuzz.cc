// A proposal that members voted on, on a state outside development: all or nothing, the state and
// the proceedings; whatever is accepted reads back from JSON to the same digest, and still can be
// changed by vote.
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "governance/actions.h"

using namespace vitrine;
using namespace vitrine::governance;

namespace {

// Three active members; nobody holds their keys.
constexpr const char* kMembers[] = {
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBFjCBvqADAgECAhQHgbZbZe4D0GRk408fl0m2k4nwfjAKBggqhkjOPQQDAjAM\n"
    "MQowCAYDVQQDDAFhMB4XDTI2MDEwMTAwMDAwMFoXDTQ2MDEwMTAwMDAwMFowDDEK\n"
    "MAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABCbAtbwSykUpU4r/\n"
    "bj83XsB5JO2yWPPpfDcOjZvMVLKwHNoPT3Ai9AtQkwShuaHrjRqGfjW85XVk66zZ\n"
    "ypC6SgEwCgYIKoZIzj0EAwIDRwAwRAIgdJ6vlKaVrD8FqvU6HdJp0hSW/7q2g9xb\n"
    "9s920jPhZV8CIEJwknx/26iWNAEDWkv4xYOauAnfpHlqarjKVhRbfLCV\n"
    "-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBFjCBvqADAgECAhQbJfsRkzq6oOkY+6Xcwg6FHTMCOjAKBggqhkjOPQQDAjAM\n"
    "MQowCAYDVQQDDAFiMB4XDTI2MDEwMTAwMDAwMFoXDTQ2MDEwMTAwMDAwMFowDDEK\n"
    "MAgGA1UEAwwBYjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABMfBL6xjaU3tmqCG\n"
    "sQtKvi180W0l8jw4l0L1vUSm3NgSxtq19KNd0qodpzb8a0+Ai47LfhY+30q+s+0B\n"
    "DOahWeQwCgYIKoZIzj0EAwIDRwAwRAIgQLqJmljv7tMFgtIxGC+xPFhBE/W1urHb\n"
    "Vf/P7bDS3MoCIG3rsYnbqAbQXRKl4/nSJ+jGRo1pkavXacUh12ZgU4q8\n"
    "-----END CERTIFICATE-----\n",
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBGDCBvqADAgECAhRxv63U0ArM7I1SJKfZFL87Rk88UjAKBggqhkjOPQQDAjAM\n"
    "MQowCAYDVQQDDAFjMB4XDTI2MDEwMTAwMDAwMFoXDTQ2MDEwMTAwMDAwMFowDDEK\n"
    "MAgGA1UEAwwBYzBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABKuiMm4k7mqOHlqx\n"
    "dwuh7eLyiQqUKr3GCGptiU7bYHXFmFV70AhcGaU5WbT7Wj2aiUt/MpM1e665q/zK\n"
    "M7yGJ/QwCgYIKoZIzj0EAwIDSQAwRgIhAN7Zlqhth6+4sHExGiErTxx7isFVYIgw\n"
    "LEepVgtQgpqGAiEA8oXAvxDpMmJelq0RQpSu7CRIpFuRgln4NNsUEtMYjDc=\n"
    "-----END CERTIFICATE-----\n",
};

State state_of_members() {
  State state;
  state.settings = Settings::safe_defaults();
  for (const auto* pem : kMembers) {
    auto certificate = crypto::Certificate::from_pem(pem);
    VITRINE_ASSERT(certificate.has_value());
    const auto id = identity_of(*certificate);
    state.members.emplace(id, Member{*std::move(certificate), MemberStatus::active, nullptr});
  }
  return state;
}

void check_accepted(const State& state) {
  const auto json = codec::json::parse_object(codec::json::write(state.to_json()));
  VITRINE_ASSERT(json.has_value());
  const auto read = State::from_json(*json);
  VITRINE_ASSERT(read.has_value());
  VITRINE_ASSERT(read->digest() == state.digest());
  // No proposal makes a policy that pins nobody, unless it says so.
  if (state.release_policy && !state.release_policy->claims().empty()) {
    VITRINE_ASSERT(state.release_policy->is_bound() || state.release_policy->allow_unbound());
  }
  VITRINE_ASSERT(state.constitution.check_satisfiable(state).has_value());
  VITRINE_ASSERT(!state.constitution.is_sandbox());
  VITRINE_ASSERT(state.recovery_threshold <= state.active_recovery_members().size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const Digest genesis_hash{1};
  const auto actions = actions_of(text, &genesis_hash);
  if (!actions) return 0;

  static const State start = state_of_members();
  State state = start;
  Proceedings proceedings;
  const std::string proposer = state.members.begin()->first;
  Facts facts;
  facts.knows_key = [](std::string_view kid) { return kid == "known"; };
  Moment at;
  at.id = {2, 3};
  at.time = from_unix_seconds(1'795'340'519);
  at.facts = &facts;
  Change change{state, proceedings, proposer, at};

  const auto before = state.digest();
  for (const auto& action : *actions) {
    target_digest(state, action);
    changes_trust(action.name);
    app_proposal_id(action);
  }
  VITRINE_ASSERT(are_tightening(state, *actions).size() == actions->size());
  if (apply_all(change, *actions)) {
    check_accepted(state);
  } else {
    VITRINE_ASSERT(state.digest() == before);
    VITRINE_ASSERT(proceedings.duties.empty() && proceedings.state_digests.empty());
  }
  return 0;
}
