#include "core/head.h"

#include "ledger/checkpoint.h"

namespace vitrine::core {

Result<Head> sign_head(const ledger::Roots& roots, const State& state,
                       const ServiceSecrets& secrets) {
  const ledger::Checkpoint checkpoint{state.service->log_origin, roots.size, roots.rfc9162, {}};
  VITRINE_TRY(const auto log_key, secrets.log_key_of(state.service->log_key));
  VITRINE_TRY(auto note, ledger::sign_note(ledger::checkpoint_text(checkpoint),
                                           state.service->log_origin, log_key));
  VITRINE_TRY(auto signature, secrets.node_key.sign_prehashed(roots.ccf));
  return Head{std::move(note),
              {roots, state.node->id, state.node->certificate.pem(), std::move(signature)}};
}

Status verify_head(const Head& head, const ledger::Roots& roots, const Service& service) {
  return ledger::verify_signed_head(head, roots,
                                    {service.log_origin, service.log_key, service.certificate});
}

}  // namespace vitrine::core
