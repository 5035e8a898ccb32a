// What the entries read so far say: who the service is, which keys it made, what governs it. The
// auditor's own fold; it shares with the service the rules of governance and policy, and nothing of
// the code that wrote the ledger.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "crypto/x509.h"
#include "governance/custody.h"
#include "governance/fold.h"
#include "governance/state.h"
#include "ledger/checkpoint.h"
#include "ledger/entries.h"

namespace vitrine::client::audit {

struct Service {
  ledger::ServiceId id{};
  Digest genesis_hash;
  crypto::Certificate certificate;  // of the service key in force
  ledger::NoteKey log;              // origin and key in force
  bool dev = false;
  std::string software;
};

struct Node {
  std::string id;
  crypto::Certificate certificate;
};

// 24 bytes a key, so that a ledger of a million keys is audited in little memory.
class KnownKeys {
 public:
  std::size_t size() const { return keys_.size(); }
  // Numbers are given in order, from 1; a kid ends in its number.
  void add(std::string_view kid, Time created);
  // When the key was made; nullopt: no such key.
  std::optional<Time> created(std::string_view kid) const;

 private:
  struct Key {
    std::array<Byte, 16> kid{};  // of its SHA-256: enough, as nobody finds another kid of that hash
    Time created;
  };
  static Key key_of(std::string_view kid, Time created);
  std::deque<Key> keys_;
};

struct Standing {
  std::shared_ptr<const Service> service;  // null before the first entry
  std::shared_ptr<const Node> node;
  std::shared_ptr<const governance::State> governance;
  std::shared_ptr<const governance::Proceedings> proceedings;  // set with it
  ledger::GovernanceRef governance_ref;
  std::shared_ptr<const governance::Deal> deal;  // the newest recovery shares; null: none
  std::uint64_t recovery_count = 0;
  std::optional<crypto::Certificate> endorsement;  // of the service key in force by the one before
  KnownKeys keys;
  std::uint64_t size = 0;
  std::uint64_t view = 0;
  std::uint64_t protocol_version = 0;
  std::uint64_t secret_version = 1;  // of the ledger secret in force
  Time time;
  // Every service key and log key there was, oldest first: certificates pinned and checkpoints kept
  // long ago are judged by them.
  std::vector<crypto::Certificate> service_certificates;
  std::vector<ledger::NoteKey> logs;
};

// One entry with what belongs to it.
struct Read {
  const ledger::Leaf& leaf;
  ByteView leaf_bytes;
  ByteView blob;       // empty: none
  Digest signed_root;  // CCF root that was signed before its batch
};

// What an entry of these kinds does, if it may. internal: it may not, and why.
Status apply_service_entry(Standing& standing, const Read& entry);
Status apply_key_entry(Standing& standing, const Read& entry);
Status apply_governance_entry(Standing& standing, const Read& entry);
Status apply_custody_entry(Standing& standing, const Read& entry);
// By its kind.
Status apply(Standing& standing, const Read& entry);

// Heads of this log that members say they know, in what they signed to recover the service.
struct KnownHead {
  std::string member;
  std::uint64_t size = 0;
  Digest root;  // RFC 9162
};
Result<std::vector<KnownHead>> heads_known(const Standing& standing, const Read& entry);

// Where an entry names a blob. malformed: the entry can't be read.
Result<std::optional<ledger::BlobRef>> blob_named_by(const ledger::Leaf& leaf);

inline tl::unexpected<Error> broken(std::string message) { return internal(std::move(message)); }

}  // namespace vitrine::client::audit
