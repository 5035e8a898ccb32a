#include "core/fold.h"

#include "base/hex.h"
#include "codec/json.h"
#include "crypto/hash.h"
#include "governance/actions.h"
#include "ledger/entries.h"

namespace vitrine::core {
namespace {

constexpr std::uint64_t kFirstView = 2;  // decisions.md, Ledger bytes
constexpr std::size_t kProposalsKept = 5;

Status unknown_version(std::uint64_t version) {
  return malformed("protocol version " + std::to_string(version) + " is not known to this program",
                   "start a newer version of vitrined on this ledger");
}

Status fold_service_created(State& state, const ledger::Leaf& leaf, ByteView leaf_bytes) {
  if (state.service != nullptr) return malformed("service_created: the service exists already");
  VITRINE_TRY(const auto entry, ledger::decode_service_created(leaf.public_part));
  VITRINE_TRY(auto certificate, crypto::Certificate::from_der(entry.service_certificate));
  VITRINE_TRY(auto log_key, crypto::PublicKey::from_ed25519(entry.log_key));
  if (!same(certificate.public_key().spki(), entry.service_spki)) {
    return malformed("service_created: certificate and service key differ");
  }
  state.service = std::make_shared<const Service>(Service{entry.service, crypto::sha256(leaf_bytes),
                                                          leaf.id, std::move(certificate),
                                                          std::move(log_key), entry.log_origin});
  if (entry.protocol_version > ledger::kProtocolVersion)
    return unknown_version(entry.protocol_version);
  state.protocol_version = entry.protocol_version;
  state.keys = std::make_shared<const KeyTable>();
  state.proposals = std::make_shared<const ProposalWindow>();
  return {};
}

Status fold_governance_set(State& state, const ledger::Leaf& leaf, ByteView blob) {
  if (state.governance != nullptr)
    return malformed("governance_set: only genesis sets the governance state as a whole");
  VITRINE_TRY(const auto entry, ledger::decode_governance_set(leaf.public_part));
  VITRINE_CHECK(ledger::check_blob(entry.state, blob));
  VITRINE_TRY(const auto json, codec::json::parse_object(as_text(blob)));
  VITRINE_TRY(auto governance, governance::State::from_json(json));
  state.governance = std::make_shared<const governance::State>(std::move(governance));
  return {};
}

Status fold_node_started(State& state, const ledger::Leaf& leaf) {
  VITRINE_TRY(const auto entry, ledger::decode_node_started(leaf.public_part));
  VITRINE_TRY(auto certificate, crypto::Certificate::from_der(entry.node_certificate));
  if (!same(certificate.public_key().spki(), entry.node_spki))
    return malformed("node_started: certificate and node key differ");
  if (to_hex(crypto::sha256(entry.node_spki)) != entry.node_id)
    return malformed("node_started: node id is not the hash of the node key");
  VITRINE_CHECK(crypto::check_link(certificate, state.service->certificate,
                                   crypto::CertificateSignature::any));
  state.node =
      std::make_shared<const Node>(Node{entry.node_id, entry.boot, std::move(certificate)});
  return {};
}

Status fold_protocol_version(State& state, const ledger::Leaf& leaf) {
  VITRINE_TRY(const auto entry, ledger::decode_protocol_version(leaf.public_part));
  if (entry.version != state.protocol_version + 1)
    return malformed("protocol_version: must be one more than the version in force");
  if (entry.version > ledger::kProtocolVersion) return unknown_version(entry.version);
  state.protocol_version = entry.version;
  return {};
}

// The envelope is verified again and its actions applied again: the store vouches for nothing.
Status fold_proposal_accepted(State& state, const ledger::Leaf& leaf, ByteView blob) {
  VITRINE_TRY(const auto entry, ledger::decode_proposal_accepted(leaf.public_part));
  VITRINE_TRY(const ByteView bytes, ledger::bytes_of(entry.envelope, blob));
  if (!state.governance->settings.accept_at_once) {
    return denied("proposal: this service does not accept proposals without votes");
  }
  VITRINE_TRY(const auto envelope, governance::verify_envelope(*state.governance, bytes));
  if (envelope.proposer != entry.proposer_id)
    return malformed("proposal_accepted: the proposer did not sign the envelope");

  const ProposalWindow& window = *state.proposals;
  if (envelope.created_at < window.newest_created_at) {
    return conflict("proposal: created_at " + std::to_string(envelope.created_at) +
                    " is older than the newest accepted proposal's, " +
                    std::to_string(window.newest_created_at));
  }
  if (envelope.created_at == window.newest_created_at) {
    for (const Digest& known : window.at_newest) {
      if (known == envelope.identity)
        return conflict("proposal: this envelope was accepted before");
    }
  }

  VITRINE_TRY(const auto proposal, codec::json::parse_object(as_text(envelope.message.payload)));
  VITRINE_TRY(const auto actions, governance::actions_from_json(proposal));
  auto governance = std::make_shared<governance::State>(*state.governance);
  for (const governance::Action& action : actions) {
    if (!governance::is_app_action(action.name))
      return not_found("proposal: no such action: " + action.name);
    VITRINE_CHECK(governance::apply_action(*governance, action));
  }

  auto next = std::make_shared<ProposalWindow>(window);
  if (envelope.created_at != next->newest_created_at) next->at_newest.clear();
  next->newest_created_at = envelope.created_at;
  next->at_newest.push_back(envelope.identity);
  next->kept.push_back({envelope.created_at, to_bytes(bytes)});
  if (next->kept.size() > kProposalsKept) next->kept.pop_front();
  state.governance = std::move(governance);
  state.proposals = std::move(next);
  return {};
}

Status fold_key_created(State& state, const ledger::Leaf& leaf) {
  VITRINE_TRY(const auto entry, ledger::decode_key_created(leaf.public_part));
  if (entry.number != state.keys->in_order.size() + 1)
    return malformed("key_created: number does not follow the last key's");
  if (entry.kid != keys::kid_of(entry.kem, entry.public_key, entry.number))
    return malformed("key_created: kid is not that of the key");
  if (entry.id != keys::id_of(entry.number))
    return malformed("key_created: id is not that of the number");
  if (entry.created != leaf.time) return malformed("key_created: created is not the entry's time");
  if (!leaf.sealed) return malformed("key_created: no sealed part");
  auto record = std::make_shared<const KeyRecord>(KeyRecord{
      {entry.kem, entry.number, entry.kid, entry.id, entry.public_key, entry.created, entry.expiry},
      leaf.id,
      leaf.id.seqno - 1,
      *leaf.sealed});
  auto table = std::make_shared<KeyTable>(*state.keys);
  table->in_order.push_back(record);
  table->by_kid.emplace(record->item.kid, record);
  state.keys = std::move(table);
  return {};
}

Status fold_kind(State& state, const ledger::Leaf& leaf, ByteView leaf_bytes, ByteView blob) {
  if (leaf.kind == ledger::Kind::service_created)
    return fold_service_created(state, leaf, leaf_bytes);
  if (state.service == nullptr) return malformed("the first entry is not service_created");
  if (ledger::protocol_version_of(leaf.kind) > state.protocol_version) {
    return malformed(std::string(ledger::name_of(leaf.kind)) + ": protocol version " +
                     std::to_string(state.protocol_version) + " does not enable it");
  }
  if (leaf.kind == ledger::Kind::governance_set) return fold_governance_set(state, leaf, blob);
  if (state.governance == nullptr) return malformed("the second entry is not governance_set");
  switch (leaf.kind) {
    case ledger::Kind::node_started:
      return fold_node_started(state, leaf);
    case ledger::Kind::protocol_version:
      return fold_protocol_version(state, leaf);
    case ledger::Kind::proposal_accepted:
      return fold_proposal_accepted(state, leaf, blob);
    case ledger::Kind::key_created:
      return fold_key_created(state, leaf);
    case ledger::Kind::key_released: {
      VITRINE_TRY(const auto entry, ledger::decode_key_released(leaf.public_part));
      if (state.keys->find(entry.kid) == nullptr)
        return malformed("key_released: no key has that kid");
      if (entry.governance != state.governance_ref.digest) {
        return malformed("key_released: judged by a governance state that is not the one in force");
      }
      return {};
    }
    case ledger::Kind::snapshot_taken: {
      VITRINE_TRY(const auto entry, ledger::decode_snapshot_taken(leaf.public_part));
      if (entry.size >= leaf.id.seqno)
        return malformed("snapshot_taken: stands after entries that are still to come");
      return {};
    }
    default:
      return malformed("entry of a kind that this protocol version does not enable");
  }
}

// A private part is under the secret in force, so that a rekey closes what comes after it to
// whoever has an older one. A deal of shares is under its own key.
Status check_secret_of_sealed(const State& state, const ledger::Leaf& leaf) {
  if (!leaf.sealed || leaf.sealed->secret_version == state.secret_version) return {};
  return conflict("its private part is under ledger secret " +
                  std::to_string(leaf.sealed->secret_version) + ", but " +
                  std::to_string(state.secret_version) + " is in force");
}

}  // namespace

bool changes_governance(ledger::Kind kind) {
  return kind == ledger::Kind::governance_set || kind == ledger::Kind::proposal_accepted;
}

std::uint64_t next_view(const State& state, ledger::Kind kind) {
  if (state.size == 0) return kFirstView;
  const bool restarted = kind == ledger::Kind::node_started && state.node != nullptr;
  return restarted ? state.view + 1 : state.view;
}

Status apply_effects(State& state, const ledger::Leaf& leaf, ByteView leaf_bytes, ByteView blob) {
  State next = state;
  VITRINE_CHECK(fold_kind(next, leaf, leaf_bytes, blob));
  VITRINE_CHECK(check_secret_of_sealed(next, leaf));
  next.size = leaf.id.seqno;
  next.view = leaf.id.view;
  next.time = leaf.time;
  if (changes_governance(leaf.kind)) {
    next.governance_ref = {leaf.id.seqno, next.governance->digest()};
  }
  state = std::move(next);
  return {};
}

Status apply_stored(State& state, const ledger::Leaf& leaf, ByteView leaf_bytes, ByteView blob) {
  if (leaf.id.seqno != state.size + 1)
    return malformed("its sequence number is " + std::to_string(leaf.id.seqno));
  if (leaf.id.view != next_view(state, leaf.kind))
    return malformed("its view is " + std::to_string(leaf.id.view));
  if (leaf.time < state.time) return malformed("its time is before the entry before it");
  State next = state;
  VITRINE_CHECK(apply_effects(next, leaf, leaf_bytes, blob));
  if (next.governance_ref != leaf.governance)
    return malformed("its governance reference is not that of the state after it");
  state = std::move(next);
  return {};
}

}  // namespace vitrine::core
