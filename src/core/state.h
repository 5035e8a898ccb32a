// The service's state: a fold over ledger entries. A value whose parts are shared and immutable, so
// that a view of it costs a few reference counts and never changes under its reader.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "governance/custody.h"
#include "governance/proceedings.h"
#include "governance/state.h"
#include "keys/key.h"
#include "ledger/leaf.h"
#include "ledger/seal.h"

namespace vitrine::core {

// Who the service is. Genesis fixed the id and the genesis hash for ever; keys and certificate are
// renewed and rotated by entries.
struct Service {
  ledger::ServiceId id{};
  Digest genesis_hash;  // SHA-256 of the first leaf
  ledger::TransactionId created;
  crypto::Certificate certificate;  // clients pin it
  crypto::PublicKey log_key;        // Ed25519, signs checkpoints
  std::string log_origin;
};

// The process that writes, as its node_started entry names it.
struct Node {
  std::string id;  // hex SHA-256 of the node key's SPKI
  std::array<Byte, 16> boot_id{};
  crypto::Certificate certificate;  // endorsed by the service key
};

struct KeyRecord {
  keys::PublicItem item;
  ledger::TransactionId id;  // of the key_created entry
  std::uint64_t index = 0;   // of its leaf
  ledger::SealedCommitment sealed;
};

struct KeyTable {
  std::vector<std::shared_ptr<const KeyRecord>> in_order;  // number 1 first
  std::map<std::string, std::shared_ptr<const KeyRecord>, std::less<>> by_kid;

  std::shared_ptr<const KeyRecord> newest() const {
    return in_order.empty() ? nullptr : in_order.back();
  }
  std::shared_ptr<const KeyRecord> find(std::string_view kid) const;
  // The newest that members have not marked as compromised.
  std::shared_ptr<const KeyRecord> newest_sound(const governance::State& governance) const;
  // Of those, the newest that the rotation policy exposes already; if none is old enough, the
  // newest (kms-api.md 7.3).
  std::shared_ptr<const KeyRecord> newest_exposed(const governance::State& governance,
                                                  Time now) const;
  // The newest key with that OHTTP key id (kms-api.md 2.6).
  std::shared_ptr<const KeyRecord> find_ohttp(std::uint64_t ohttp_id) const;
};

// How members keep the service's secrets.
struct Recovery {
  std::shared_ptr<const governance::Deal> deal;  // null: no shares were dealt yet
  std::uint64_t count = 0;                       // how often members opened the service
  // Of the service key by the one before it; none: it is the first.
  std::optional<crypto::Certificate> endorsement = std::nullopt;
};

struct State {
  std::shared_ptr<const Service> service;
  std::shared_ptr<const Node> node;
  std::shared_ptr<const governance::State> governance;
  ledger::GovernanceRef governance_ref;
  std::shared_ptr<const KeyTable> keys;
  std::shared_ptr<const governance::Proceedings> proceedings;
  // CCF root of the newest head that was signed before the newest entry's batch: what members
  // acknowledge, and part of the id of a proposal (ccf.md 3).
  Digest signed_root;
  Recovery recovery;
  std::uint64_t size = 0;  // entries
  std::uint64_t view = 0;
  std::uint64_t protocol_version = 0;
  std::uint64_t secret_version = 1;  // of the ledger secret in force
  Time time;                         // of the newest entry

  ledger::TransactionId last_id() const { return {view, size}; }
};

}  // namespace vitrine::core
