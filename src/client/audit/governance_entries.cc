// Governance: each signature is verified again and each change made again.
#include "client/audit/standing.h"
#include "codec/json.h"
#include "governance/actions.h"

namespace vitrine::client::audit {
namespace {

Status governance_set(Standing& standing, const Read& entry) {
  if (standing.governance != nullptr)
    return broken("governance_set: only genesis sets the governance state as a whole");
  VITRINE_TRY(const auto json, codec::json::parse_object(as_text(entry.blob)));
  VITRINE_TRY(auto governance, governance::State::from_json(json));
  if (governance.settings.dev != standing.service->dev)
    return broken("governance_set: its dev flag is not that of the service");
  standing.governance = std::make_shared<const governance::State>(std::move(governance));
  return {};
}

Status proposal_accepted(Standing& standing, const Read& entry) {
  VITRINE_TRY(const auto accepted, ledger::decode_proposal_accepted(entry.leaf.public_part));
  const auto* inlined = std::get_if<Bytes>(&accepted.envelope);
  const ByteView bytes = inlined == nullptr ? entry.blob : ByteView(*inlined);
  if (!standing.governance->settings.accept_at_once)
    return broken("proposal_accepted: this service does not accept proposals without votes");
  VITRINE_TRY(const auto envelope, governance::verify_envelope(*standing.governance, bytes));
  if (envelope.proposer != accepted.proposer_id)
    return broken("proposal_accepted: the proposer did not sign the envelope");
  VITRINE_TRY(const auto proposal, codec::json::parse_object(as_text(envelope.message.payload)));
  VITRINE_TRY(const auto actions, governance::actions_from_json(proposal));
  auto governance = std::make_shared<governance::State>(*standing.governance);
  for (const governance::Action& action : actions) {
    if (!governance::is_app_action(action.name))
      return broken("proposal_accepted: no such action: " + action.name);
    VITRINE_CHECK(governance::apply_action(*governance, action));
  }
  standing.governance = std::move(governance);
  return {};
}

}  // namespace

Status apply_governance_entry(Standing& standing, const Read& entry) {
  const auto before = standing.governance;
  VITRINE_CHECK(entry.leaf.kind == ledger::Kind::governance_set
                    ? governance_set(standing, entry)
                    : proposal_accepted(standing, entry));
  if (standing.governance != before)
    standing.governance_ref = {entry.leaf.id.seqno, standing.governance->digest()};
  return {};
}

}  // namespace vitrine::client::audit
