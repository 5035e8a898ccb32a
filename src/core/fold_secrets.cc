#include "core/fold_secrets.h"

namespace vitrine::core {

Status fold_secrets(State& state, const ledger::Leaf& leaf, ByteView blob) {
  if (state.node == nullptr) return malformed("no node_started entry comes before it");
  const Service& service = *state.service;
  governance::Custody custody{service.certificate,     state.recovery.endorsement,
                              state.node->certificate, service.log_key,
                              service.log_origin,      state.secret_version,
                              state.recovery.deal,     state.recovery.count};
  auto proceedings = std::make_shared<governance::Proceedings>(*state.proceedings);
  VITRINE_CHECK(governance::fold_custody(
      custody, *proceedings, {service.id, service.genesis_hash, *state.governance}, leaf, blob));
  proceedings->nodes[state.node->id].certificate = custody.node.der();
  state.proceedings = std::move(proceedings);
  state.secret_version = custody.secret_version;
  state.recovery = {custody.deal, custody.recovery_count, custody.endorsement};
  state.node = std::make_shared<const Node>(
      Node{state.node->id, state.node->boot_id, std::move(custody.node)});
  state.service = std::make_shared<const Service>(
      Service{service.id, service.genesis_hash, service.created, std::move(custody.service),
              std::move(custody.log_key), std::move(custody.log_origin)});
  return {};
}

}  // namespace vitrine::core
