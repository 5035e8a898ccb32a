// Secrets, certificates and recovery: each was demanded by a vote or the node's own timer, and
// each new key is endorsed by the one before it. The service folds these entries by the same code.
#include "governance/custody.h"

#include "client/audit/standing.h"
#include "governance/recovery_request.h"

namespace vitrine::client::audit {
namespace {

void keep_identities(Standing& standing, const governance::Custody& custody) {
  const Service& before = *standing.service;
  if (!same(before.certificate.public_key().spki(), custody.service.public_key().spki()))
    standing.service_certificates.push_back(custody.service);
  if (!(before.log.key == custody.log_key) || before.log.name != custody.log_origin)
    standing.logs.push_back({custody.log_origin, custody.log_key});
}

}  // namespace

Status apply_custody_entry(Standing& standing, const Read& entry) {
  if (standing.node == nullptr) return broken("it stands before the first node_started");
  const Service& service = *standing.service;
  governance::Custody custody{
      service.certificate, standing.endorsement,   standing.node->certificate,
      service.log.key,     service.log.name,       standing.secret_version,
      standing.deal,       standing.recovery_count};
  auto proceedings = std::make_shared<governance::Proceedings>(*standing.proceedings);
  VITRINE_CHECK(governance::fold_custody(custody, *proceedings,
                                         {service.id, service.genesis_hash, *standing.governance},
                                         entry.leaf, entry.blob));
  keep_identities(standing, custody);
  proceedings->nodes[standing.node->id].certificate = custody.node.der();
  standing.proceedings = std::move(proceedings);
  standing.secret_version = custody.secret_version;
  standing.deal = custody.deal;
  standing.recovery_count = custody.recovery_count;
  standing.endorsement = custody.endorsement;
  standing.node = std::make_shared<const Node>(Node{standing.node->id, std::move(custody.node)});
  standing.service = std::make_shared<const Service>(
      Service{service.id,
              service.genesis_hash,
              std::move(custody.service),
              {std::move(custody.log_origin), std::move(custody.log_key)},
              service.dev,
              service.software});
  return {};
}

Result<std::vector<KnownHead>> heads_known(const Standing& standing, const Read& entry) {
  VITRINE_TRY(const auto recovered, ledger::decode_service_recovered(entry.leaf.public_part));
  const governance::RecoveryTarget target{standing.service->genesis_hash,
                                          recovered.node_spki_sha256, recovered.shares_seqno};
  VITRINE_TRY(const auto given,
              governance::read_given_shares(*standing.governance, entry.blob, target));
  std::vector<KnownHead> heads;
  for (const governance::GivenShare& share : given) {
    if (share.statement && share.statement->head_size > 0)
      heads.push_back({share.member, share.statement->head_size, share.statement->head_root});
  }
  return heads;
}

}  // namespace vitrine::client::audit
