// Core: the parts of a running node, and what every operation needs of them. One file per
// operation; see README.md. Safe from any thread.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>

#include "attestation/verify.h"
#include "base/clock.h"
#include "base/gate.h"
#include "base/random.h"
#include "core/confirm.h"
#include "core/issuer_refreshes.h"
#include "core/last_head.h"
#include "core/node_files.h"
#include "core/observer.h"
#include "core/own_evidence.h"
#include "core/rollback_guard.h"
#include "core/secrets_in_use.h"
#include "core/sequencer.h"
#include "core/vault.h"
#include "governance/authenticate.h"
#include "keys/wrap.h"
#include "storage/store.h"

namespace vitrine::core {

class Core {
 public:
  struct Parts {
    storage::Store& store;
    NodeFiles& files;
    Confirm& confirm;
    const Clock& clock;
    Random& random;
    Observer& observer = no_observer();
    unsigned verifications_at_once = 2;  // of evidence: the processors, usually
    Attest attest = no_evidence();
  };
  // What a start found durable, and this process's own.
  struct Begin {
    State state;  // empty at genesis, as are the trees
    std::shared_ptr<const TreePair> trees;
    std::shared_ptr<const View> view;  // null at genesis
    ledger::Roots folded_from;         // what recover() said
    std::array<Byte, 16> boot_id;
    crypto::Certificate certificate;           // what TLS presents, endorsed by the service key
    std::vector<Decide> first_entries;         // those that take_up() appends
    SealingKey seal;                           // what `secrets` lie sealed by
    crypto::SubjectAlternatives alternatives;  // names that node certificates carry
    // Done once, by take_up(), when they are durable; null: nothing.
    std::function<Status(Core&)> after_first_entries = nullptr;
  };
  Core(const Parts& parts, std::unique_ptr<TilesOfStore> tiles, ServiceSecrets secrets,
       Begin begin);

  std::shared_ptr<const View> view() const { return sequencer_.view(); }
  // The clock, never before the newest entry: the host's clock may not go back (kms-api.md 12.2
  // #11).
  Time now() const;

  // A node that starts is unconfirmed: it answers reads, and releases, keys and votes wait until
  // the governed rollback guard holds (DESIGN.md 2, rule 5).
  bool confirmed() const { return confirmed_; }
  // unavailable, with a reason for the caller: this node is unconfirmed.
  Status check_confirmed() const;
  // Asks the guard; once it holds, appends this process's first entries and is confirmed.
  // unavailable: not yet, ask again; otherwise what the guard refused with. One thread at a time.
  Status take_up(RollbackGuard& guard);

  // unavailable too while unconfirmed.
  Result<Appended> append(Decide decide);
  Result<Appended> append_all(std::vector<Decide> decides);

  const crypto::Certificate& certificate() const { return certificate_; }
  const ledger::Roots& folded_from() const { return folded_from_; }

  // What GET /app/receipt gives for an entry, and, as KMS text, what answers about keys carry. The
  // receipt is of the newest head when it is first asked for, then cached. not_found: no such
  // entry.
  Result<ledger::Receipt> receipt(ledger::TransactionId id) const;
  Result<std::shared_ptr<const std::string>> key_receipt(const KeyRecord& key) const;

  const storage::Store& store() const { return store_; }
  // Replaces the head in the store; of the view, so that it is confirmed.
  Status put_head(const Head& head) {
    return store_.put_head({head.root.roots.size, ledger::encode(head)});
  }
  NodeFiles& files() const { return files_; }
  std::shared_ptr<const ServiceSecrets> secrets() const { return secrets_.now(); }
  SecretsInUse& secrets_in_use() { return secrets_; }
  // Held while secrets, keys or certificates are made and put in force (core/duties.h).
  Mutex& changing_secrets() { return changing_secrets_; }
  // Names that node certificates made from now on carry.
  crypto::SubjectAlternatives alternatives() const;
  void set_alternatives(crypto::SubjectAlternatives alternatives);
  std::string_view seal_kind() const { return seal_.kind; }
  // Makes these the secrets that the next start finds, by the seal this node has; durable when it
  // returns. Works confined. Call it before the entry that names what is new in them.
  Status reseal(const ServiceSecrets& secrets) const;
  Sequencer& sequencer() { return sequencer_; }
  TilesOfStore& tiles() const { return *tiles_; }
  Vault& vault() const { return vault_; }
  Random& random() const { return random_; }
  attestation::VerificationCache& verifications() const { return verifications_; }
  keys::WrappingKeys& wrapping_keys() const { return wrapping_keys_; }
  governance::TokenCache& tokens() const { return tokens_; }
  IssuerRefreshes& issuer_refreshes() const { return issuer_refreshes_; }
  // Evidence is verified behind it.
  Gate& verification_gate() const { return verification_gate_; }
  Observer& observer() const { return observer_; }
  // What this node shows of itself.
  Quotes& quotes() const { return quotes_; }

  // Called between the judgement of a release and its append; tests change the policy there.
  std::function<void()> after_judging_for_testing;

 private:
  storage::Store& store_;
  NodeFiles& files_;
  const Clock& clock_;
  Random& random_;
  Observer& observer_;
  mutable Gate verification_gate_;
  const std::unique_ptr<TilesOfStore> tiles_;
  SecretsInUse secrets_;
  const SealingKey seal_;
  const crypto::Certificate certificate_;
  const ledger::Roots folded_from_;
  std::vector<Decide> first_entries_;  // of take_up() alone
  std::function<Status(Core&)> after_first_entries_;
  mutable Vault vault_;
  mutable attestation::VerificationCache verifications_;
  mutable keys::WrappingKeys wrapping_keys_;
  mutable governance::TokenCache tokens_;
  mutable Quotes quotes_;
  mutable IssuerRefreshes issuer_refreshes_;
  Mutex changing_secrets_;
  mutable Mutex alternatives_mutex_;
  crypto::SubjectAlternatives alternatives_ VITRINE_GUARDED_BY(alternatives_mutex_);
  mutable Mutex receipts_mutex_;
  // Of the service certificate that the receipts below lead to.
  mutable Digest receipts_of_ VITRINE_GUARDED_BY(receipts_mutex_);
  mutable std::map<std::uint64_t, std::shared_ptr<const std::string>> key_receipts_
      VITRINE_GUARDED_BY(receipts_mutex_);
  std::atomic<bool> confirmed_{false};
  LastHeadKeeper last_head_;
  Sequencer sequencer_;  // last: its threads use what stands above
};

}  // namespace vitrine::core
