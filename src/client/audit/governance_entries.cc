// Governance: each signature is verified again and each change made again, by the fold that the
// service has too, which takes nothing from what wrote the ledger.
#include "client/audit/standing.h"
#include "governance/fold.h"

namespace vitrine::client::audit {

Status apply_governance_entry(Standing& standing, const Read& entry) {
  const ledger::Kind kind = entry.leaf.kind;
  governance::Facts facts;
  facts.service_certificate = &standing.service->certificate;
  facts.knows_key = [&standing](std::string_view kid) {
    return standing.keys.created(kid).has_value();
  };
  governance::Folded folded{standing.governance, standing.proceedings};
  VITRINE_CHECK(governance::fold_entry(folded, entry.leaf, entry.blob,
                                       {entry.leaf.id, entry.leaf.time, entry.signed_root, &facts},
                                       standing.service->genesis_hash));
  if (kind == ledger::Kind::governance_set && folded.state->settings.dev != standing.service->dev)
    return broken("governance_set: its dev flag is not that of the service");
  // Envelopes of POST /app/proposals move the reference though they may change nothing.
  const bool moves = folded.state != standing.governance || kind == ledger::Kind::proposal_accepted;
  standing.governance = std::move(folded.state);
  standing.proceedings = std::move(folded.proceedings);
  if (moves) standing.governance_ref = {entry.leaf.id.seqno, standing.governance->digest()};
  return {};
}

}  // namespace vitrine::client::audit
