#include "governance/app_proposals.h"

#include <algorithm>

#include "codec/json.h"
#include "ledger/entries.h"

namespace vitrine::governance {
namespace {

constexpr std::size_t kKept = 5;
constexpr std::size_t kActionsMax = 64;

Status check_order(const AppProposals& known, const SignedRequest& envelope) {
  if (envelope.created_at < known.newest_created_at) {
    return conflict("proposal: created_at " + std::to_string(envelope.created_at) +
                    " is older than the newest accepted proposal's, " +
                    std::to_string(known.newest_created_at));
  }
  if (envelope.created_at == known.newest_created_at &&
      std::find(known.at_newest.begin(), known.at_newest.end(), envelope.identity) !=
          known.at_newest.end()) {
    return conflict("proposal: this envelope was accepted before");
  }
  return {};
}

}  // namespace

Result<std::vector<Action>> app_actions_from_json(const codec::json::Object& proposal) {
  const auto* list = codec::json::array_of(proposal, "actions");
  if (list == nullptr) return malformed("proposal: actions is not an array");
  if (list->size() > kActionsMax) return malformed("proposal: over 64 actions");
  std::vector<Action> actions;
  for (const auto& each : *list) {
    const std::string what = "proposal: actions[" + std::to_string(actions.size()) + "]";
    const auto* object = each.if_object();
    if (object == nullptr) return malformed(what + " is not an object");
    const auto name = codec::json::text_of(*object, "name");
    if (!name) return malformed(what + ": name is not text");
    const auto* args = codec::json::object_of(*object, "args");
    if (args == nullptr) return malformed(what + ": args is not an object");
    actions.push_back({std::string(*name), *args});
  }
  return actions;
}

Status fold_app_proposal(Folded& folded, const ledger::Leaf& leaf, ByteView blob) {
  VITRINE_TRY(const auto entry, ledger::decode_proposal_accepted(leaf.public_part));
  VITRINE_TRY(const ByteView bytes, ledger::bytes_of(entry.envelope, blob));
  if (!folded.state->settings.accept_at_once)
    return denied("proposal: this service does not accept proposals without votes");
  VITRINE_TRY(
      const auto envelope,
      verify_signed_request(*folded.state, bytes, MessageType::proposal, Signers::proposers));
  if (envelope.signer != entry.proposer_id)
    return malformed("proposal_accepted: the proposer did not sign the envelope");
  VITRINE_CHECK(check_order(folded.proceedings->app, envelope));

  VITRINE_TRY(const auto proposal, codec::json::parse_object(as_text(envelope.message.payload)));
  VITRINE_TRY(const auto actions, app_actions_from_json(proposal));
  auto state = std::make_shared<State>(*folded.state);
  for (const Action& action : actions) {
    if (!is_app_action(action.name)) return not_found("proposal: no such action: " + action.name);
    VITRINE_CHECK(apply_action(*state, action));
  }

  auto proceedings = std::make_shared<Proceedings>(*folded.proceedings);
  AppProposals& app = proceedings->app;
  if (envelope.created_at != app.newest_created_at) app.at_newest.clear();
  app.newest_created_at = envelope.created_at;
  app.at_newest.push_back(envelope.identity);
  app.kept.push_back({envelope.created_at, to_bytes(bytes)});
  if (app.kept.size() > kKept) app.kept.pop_front();
  folded.state = std::move(state);
  folded.proceedings = std::move(proceedings);
  return {};
}

}  // namespace vitrine::governance
