// Who the service is and which node writes: identities follow one from another.
#include <fmt/format.h>

#include "base/hex.h"
#include "client/audit/standing.h"
#include "crypto/hash.h"

namespace vitrine::client::audit {
namespace {

Status service_created(Standing& standing, const Read& entry) {
  if (standing.service != nullptr) return broken("service_created: the service exists already");
  VITRINE_TRY(const auto created, ledger::decode_service_created(entry.leaf.public_part));
  VITRINE_TRY(auto certificate, crypto::Certificate::from_der(created.service_certificate));
  VITRINE_TRY(auto log_key, crypto::PublicKey::from_ed25519(created.log_key));
  if (!same(certificate.public_key().spki(), created.service_spki))
    return broken("service_created: its certificate is of another key than the service key");
  VITRINE_CHECK(crypto::check_link(certificate, certificate, crypto::CertificateSignature::any));
  standing.service_certificates.push_back(certificate);
  standing.logs.push_back({created.log_origin, log_key});
  standing.service =
      std::make_shared<const Service>(Service{created.service,
                                              crypto::sha256(entry.leaf_bytes),
                                              std::move(certificate),
                                              {created.log_origin, std::move(log_key)},
                                              created.dev,
                                              created.software});
  standing.protocol_version = created.protocol_version;
  return {};
}

Status node_started(Standing& standing, const Read& entry) {
  VITRINE_TRY(const auto started, ledger::decode_node_started(entry.leaf.public_part));
  VITRINE_TRY(auto certificate, crypto::Certificate::from_der(started.node_certificate));
  if (!same(certificate.public_key().spki(), started.node_spki))
    return broken("node_started: its certificate is of another key than the node's");
  if (to_hex(crypto::sha256(started.node_spki)) != started.node_id)
    return broken("node_started: the node's id is not the hash of its key");
  VITRINE_CHECK(crypto::check_link(certificate, standing.service->certificate,
                                   crypto::CertificateSignature::any));
  governance::Folded folded{standing.governance, standing.proceedings};
  governance::note_node(folded, started.node_id, certificate);
  standing.proceedings = std::move(folded.proceedings);
  standing.node = std::make_shared<const Node>(Node{started.node_id, std::move(certificate)});
  return {};
}

Status protocol_version(Standing& standing, const Read& entry) {
  VITRINE_TRY(const auto raised, ledger::decode_protocol_version(entry.leaf.public_part));
  if (raised.version != standing.protocol_version + 1) {
    return broken(
        fmt::format("protocol_version: {} follows {}", raised.version, standing.protocol_version));
  }
  if (raised.version > ledger::kProtocolVersion) {
    return malformed(
        fmt::format("protocol_version: {} is not known to this program", raised.version),
        "audit with a newer version of vitrine");
  }
  standing.protocol_version = raised.version;
  return {};
}

}  // namespace

Status apply_service_entry(Standing& standing, const Read& entry) {
  switch (entry.leaf.kind) {
    case ledger::Kind::service_created:
      return service_created(standing, entry);
    case ledger::Kind::node_started:
      return node_started(standing, entry);
    case ledger::Kind::protocol_version:
      return protocol_version(standing, entry);
    default:
      return broken("an entry of a kind that this version does not know");
  }
}

}  // namespace vitrine::client::audit
