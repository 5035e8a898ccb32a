#include "core/fold.h"

#include "base/hex.h"
#include "core/fold_secrets.h"
#include "crypto/hash.h"
#include "governance/fold.h"
#include "ledger/entries.h"

namespace vitrine::core {
namespace {

constexpr std::uint64_t kFirstView = 2;  // decisions.md, Ledger bytes

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
  governance::Folded folded{state.governance, state.proceedings};
  governance::note_node(folded, entry.node_id, certificate);
  state.proceedings = std::move(folded.proceedings);
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

Status fold_governance(State& state, const ledger::Leaf& leaf, ByteView blob) {
  const governance::Facts facts = facts_of(state);
  governance::Folded folded{state.governance, state.proceedings};
  VITRINE_CHECK(governance::fold_entry(folded, leaf, blob,
                                       {leaf.id, leaf.time, state.signed_root, &facts},
                                       state.service->genesis_hash));
  state.governance = std::move(folded.state);
  state.proceedings = std::move(folded.proceedings);
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
  governance::Folded folded{state.governance, state.proceedings};
  governance::note_done(folded, governance::DutyKind::make_key);
  state.proceedings = std::move(folded.proceedings);
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
  if (governance::is_governance_entry(leaf.kind)) return fold_governance(state, leaf, blob);
  if (state.governance == nullptr) return malformed("the second entry is not governance_set");
  if (governance::is_custody_entry(leaf.kind)) return fold_secrets(state, leaf, blob);
  switch (leaf.kind) {
    case ledger::Kind::node_started:
      return fold_node_started(state, leaf);
    case ledger::Kind::protocol_version:
      return fold_protocol_version(state, leaf);
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
  if (!leaf.sealed || leaf.kind == ledger::Kind::shares_dealt ||
      leaf.sealed->secret_version == state.secret_version)
    return {};
  return conflict("its private part is under ledger secret " +
                  std::to_string(leaf.sealed->secret_version) + ", but " +
                  std::to_string(state.secret_version) + " is in force");
}

}  // namespace

governance::Facts facts_of(const State& state) {
  governance::Facts facts;
  facts.service_certificate = &state.service->certificate;
  facts.knows_key = [&state](std::string_view kid) { return state.keys->find(kid) != nullptr; };
  return facts;
}

std::uint64_t next_view(const State& state, ledger::Kind kind) {
  if (state.size == 0) return kFirstView;
  const bool restarted = kind == ledger::Kind::node_started && state.node != nullptr;
  return restarted ? state.view + 1 : state.view;
}

Status apply_effects(State& state, const ledger::Leaf& leaf, ByteView leaf_bytes, ByteView blob) {
  State next = state;
  if (leaf.previous) next.signed_root = leaf.previous->ccf;
  VITRINE_CHECK(fold_kind(next, leaf, leaf_bytes, blob));
  VITRINE_CHECK(check_secret_of_sealed(next, leaf));
  next.size = leaf.id.seqno;
  next.view = leaf.id.view;
  next.time = leaf.time;
  // Entries of protocol version 1 move the reference though they change nothing.
  if (next.governance != state.governance || leaf.kind == ledger::Kind::proposal_accepted) {
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
