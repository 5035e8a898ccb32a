// Who the service is at some entry, by keys and certificates, and how its members keep its secrets:
// what entries of kinds 17 to 24 do to that (docs/formats/leaf.md). Folded by core and by
// auditors alike; nothing here is secret. Pure.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "crypto/x509.h"
#include "governance/proceedings.h"
#include "governance/state.h"
#include "ledger/entries.h"
#include "ledger/leaf.h"

namespace vitrine::governance {

// The newest deal of recovery shares.
struct Deal {
  ledger::SharesDealt entry;
  ledger::SealedCommitment sealed;  // of its sealed part
  std::uint64_t seqno = 0;          // of its entry
};

struct Custody {
  crypto::Certificate service;  // clients pin it
  // Of the service key by the one before it, for clients that pinned that one's certificate. None:
  // the key is the first.
  std::optional<crypto::Certificate> endorsement;
  crypto::Certificate node;  // of the node that writes
  crypto::PublicKey log_key;
  std::string log_origin;
  std::uint64_t secret_version = 1;  // of the ledger secret in force
  std::shared_ptr<const Deal> deal;  // null: none yet
  std::uint64_t recovery_count = 0;  // how often members opened the service
};

// Where a custody entry stands.
struct CustodyPlace {
  const ledger::ServiceId& service;
  const Digest& genesis_hash;
  const State& governance;
};

bool is_custody_entry(ledger::Kind kind);
// Changes `custody`, and takes off `proceedings` the duty that the entry did, on success alone:
// what nobody demanded is refused, but for a renewal by the node's own timer. malformed, denied,
// conflict: why this entry may not stand here. What only the trees tell is not checked: the roots
// that continued_from and the statements of service_recovered name; and no private part is opened.
Status fold_custody(Custody& custody, Proceedings& proceedings, const CustodyPlace& place,
                    const ledger::Leaf& leaf, ByteView blob);

// Whether the service is open and its active recovery members can be dealt shares of which
// `recovery_threshold` open the service.
bool can_deal(const State& governance);

}  // namespace vitrine::governance
