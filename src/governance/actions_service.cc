// The service itself: opening, freezing, its keys and what is governed of it (DESIGN.md 2, rule 6).
#include <array>

#include "base/hex.h"
#include "governance/action_args.h"
#include "governance/action_table.h"
#include "governance/json_fields.h"

namespace vitrine::governance {
namespace {

namespace cbor = codec::cbor;
using codec::json::Object;

constexpr std::size_t kKidBytesMax = 256;
constexpr std::size_t kReasonBytesMax = 4096;

void demand(Change& change, DutyKind kind) {
  Duty duty;
  duty.kind = kind;
  duty.cause = change.at.id.seqno;
  change.proceedings.demand(duty);
}

// That the certificate in the args is the service's own.
Status check_identity(const Change& change, const Object& args, std::string_view name) {
  const auto pem = codec::json::text_of(args, name);
  if (!pem) return malformed(std::string(name) + " is not text");
  const auto certificate = crypto::Certificate::from_pem(*pem);
  if (!certificate) return in_context(std::string(name), certificate.error());
  const auto* own = change.at.facts == nullptr ? nullptr : change.at.facts->service_certificate;
  if (own == nullptr || own->der() != certificate->der()) {
    return conflict(std::string(name) + " is not this service's certificate");
  }
  return {};
}

// The service keeps its identity over a recovery: there is one, and "previous" may name it too.
Status transition_service_to_open(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"next_service_identity", "previous_service_identity"}));
  for (const std::string_view name : {"next_service_identity", "previous_service_identity"}) {
    if (is_given(args, name)) VITRINE_CHECK(check_identity(change, args, name));
  }
  if (!std::exchange(change.state.opening, false)) return {};
  if (change.state.recovery_threshold != 0) demand(change, DutyKind::deal_shares);
  return {};
}

Status assert_service_identity(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"service_identity"}));
  return check_identity(change, args, "service_identity");
}

Status freeze(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"reason"}));
  // Kept where it was signed: in the proposal.
  if (is_given(args, "reason")) VITRINE_CHECK(text_arg(args, "reason", kReasonBytesMax));
  if (!change.state.frozen) change.state.frozen = Frozen{change.proposer, change.at.time};
  return {};
}

Status thaw(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {}));
  if (!change.state.frozen) return conflict("the service is not frozen");
  change.state.frozen.reset();
  return {};
}

Status rotate_service_key(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {}));
  demand(change, DutyKind::rotate_service_key);
  return {};
}

Status rotate_log_key(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {}));
  demand(change, DutyKind::rotate_log_key);
  return {};
}

Status mark_key_compromised(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"kid"}));
  VITRINE_TRY(auto kid, text_arg(args, "kid", kKidBytesMax));
  const auto* facts = change.at.facts;
  if (facts == nullptr || !facts->knows_key || !facts->knows_key(kid)) {
    return malformed("kid: no key " + quoted(kid));
  }
  if (!change.state.compromised_keys.insert(std::move(kid)).second) {
    return conflict("kid: the key is marked already");
  }
  demand(change, DutyKind::make_key);
  return {};
}

// Each proposer is a user that is registered.
Status check_proposers(const State& state) {
  for (const auto& id : state.settings.proposers) {
    if (state.users.find(id) == state.users.end()) {
      return malformed("governed: proposers: no user " + quoted(id),
                       "register the user with set_user, before this action");
    }
  }
  return {};
}

Status set_governed_settings(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"settings"}));
  VITRINE_TRY(const auto* governed, object_arg(args, "settings"));
  if (governed->empty()) return malformed("settings: nothing in it");
  VITRINE_CHECK(change.state.settings.merge(*governed));
  return codec::json::find(*governed, "proposers") == nullptr ? Status()
                                                              : check_proposers(change.state);
}

// CCF's name for two things that have others here.
Status set_service_configuration(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"recent_cose_proposals_window_size", "recovery_threshold"}));
  if (is_given(args, "recent_cose_proposals_window_size")) {
    Object governed;
    governed["recent_proposals"] = args.at("recent_cose_proposals_window_size");
    VITRINE_CHECK(change.state.settings.merge(governed));
  }
  if (is_given(args, "recovery_threshold")) {
    Object threshold;
    threshold["recovery_threshold"] = args.at("recovery_threshold");
    VITRINE_CHECK(find_action("set_recovery_threshold")->apply(change, threshold));
  }
  return {};
}

cbor::Value frozen_target(const State& state, const Object&) {
  if (!state.frozen) return {};
  return cbor::Value::array({cbor::Value::text(state.frozen->member),
                             cbor::Value::integer(to_unix_ms(state.frozen->since))});
}
cbor::Value settings_target(const State& state, const Object&) {
  return state.settings.canonical();
}
cbor::Value configuration_target(const State& state, const Object&) {
  return cbor::Value::array({cbor::Value::uint(state.settings.recent_proposals),
                             cbor::Value::uint(state.recovery_threshold)});
}

constexpr std::array kRows = std::to_array<ActionRow>({
    {"transition_service_to_open", transition_service_to_open},
    {"assert_service_identity", assert_service_identity},
    {"freeze", freeze},
    {"thaw", thaw, frozen_target},
    {"rotate_service_key", rotate_service_key},
    {"rotate_log_key", rotate_log_key},
    {"mark_key_compromised", mark_key_compromised},
    {"set_governed_settings", set_governed_settings, settings_target},
    {"set_service_configuration", set_service_configuration, configuration_target},
});

}  // namespace

std::span<const ActionRow> service_actions() { return kRows; }

}  // namespace vitrine::governance
