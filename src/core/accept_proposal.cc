#include "core/accept_proposal.h"

#include "codec/json.h"
#include "governance/app_proposals.h"
#include "governance/signed_request.h"
#include "ledger/entries.h"

namespace vitrine::core {
namespace {

constexpr std::chrono::minutes kCreatedAtTolerance{10};  // decisions.md, Wire: outside dev

}  // namespace

tl::expected<AcceptedProposal, ProposalRefusal> accept_proposal(Core& core, ByteView bytes) {
  const auto refuse = [](ProposalRefused step, const Error& error) {
    return tl::unexpected<ProposalRefusal>(ProposalRefusal{step, error});
  };
  if (const Status confirmed = core.check_confirmed(); !confirmed)
    return refuse(ProposalRefused::failed, confirmed.error());
  const auto view = core.view();
  const auto envelope = governance::verify_signed_request(*view->state.governance, bytes,
                                                          governance::MessageType::proposal,
                                                          governance::Signers::proposers);
  if (!envelope) return refuse(ProposalRefused::signature, envelope.error());
  if (envelope->message.payload.empty()) {
    return refuse(ProposalRefused::no_payload,
                  {Code::denied, "proposal: the envelope has no payload", {}});
  }
  const auto age = core.now() - from_unix_seconds(envelope->created_at);
  if (!view->state.governance->settings.dev &&
      (age > kCreatedAtTolerance || age < -kCreatedAtTolerance)) {
    return refuse(ProposalRefused::too_old,
                  {Code::denied, "proposal: created_at is not within 10 minutes of now", {}});
  }
  const auto proposal = codec::json::parse_object(as_text(envelope->message.payload));
  if (!proposal) return refuse(ProposalRefused::invalid, proposal.error());
  const auto actions = governance::app_actions_from_json(*proposal);
  if (!actions) return refuse(ProposalRefused::invalid, actions.error());

  AcceptedProposal accepted;
  accepted.proposer = envelope->signer;
  for (const auto& action : *actions)
    accepted.action_ids.push_back(governance::app_proposal_id(action));

  ledger::ProposalAccepted entry{envelope->signer, ledger::envelope_of(bytes)};
  Bytes blob = std::holds_alternative<ledger::BlobRef>(entry.envelope) ? to_bytes(bytes) : Bytes{};
  // The sequencer's fold verifies the envelope again and applies its actions, all or none.
  const auto appended = core.append([&](const State&, Time) -> Result<Draft> {
    return Draft{ledger::Kind::proposal_accepted, ledger::encode(entry), {}, {}, blob};
  });
  if (appended) {
    accepted.id = appended->id;
    return accepted;
  }
  switch (appended.error().code) {
    case Code::conflict:
      return refuse(ProposalRefused::too_old, appended.error());
    case Code::not_found:
      return refuse(ProposalRefused::unknown_action, appended.error());
    case Code::malformed:
    case Code::denied:
      return refuse(ProposalRefused::invalid, appended.error());
    default:
      return refuse(ProposalRefused::failed, appended.error());
  }
}

}  // namespace vitrine::core
