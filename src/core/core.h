// Core: the parts of a running node, and what every operation needs of them. One file per
// operation; see README.md. Safe from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "attestation/verify.h"
#include "base/clock.h"
#include "base/gate.h"
#include "base/random.h"
#include "core/confirm.h"
#include "core/observer.h"
#include "core/secrets.h"
#include "core/sequencer.h"
#include "core/trees.h"
#include "core/vault.h"
#include "governance/authenticate.h"
#include "storage/store.h"

namespace vitrine::core {

class Core {
 public:
  struct Parts {
    storage::Store& store;
    Confirm& confirm;
    const Clock& clock;
    Random& random;
    Observer& observer = no_observer();
    unsigned verifications_at_once = 2;  // of evidence: the processors, usually
  };
  // On a folded state whose trees are built; the caller appends node_started next (core/start.h
  // does both).
  Core(const Parts& parts, ServiceSecrets secrets, std::unique_ptr<Trees> trees, State state,
       std::array<Byte, 16> boot_id);

  std::shared_ptr<const View> view() const { return sequencer_.view(); }
  // The clock, never before the newest entry: the host's clock may not go back (kms-api.md 12.2
  // #11).
  Time now() const;
  Result<Appended> append(Decide decide) { return sequencer_.append(std::move(decide)); }
  Result<Appended> append_all(std::vector<Decide> decides) {
    return sequencer_.append_all(std::move(decides));
  }

  // What GET /app/receipt gives for an entry, and, as KMS text, what answers about keys carry. The
  // receipt is of the newest head when it is first asked for, then cached. not_found: no such
  // entry.
  Result<ledger::Receipt> receipt(ledger::TransactionId id) const;
  Result<std::shared_ptr<const std::string>> key_receipt(const KeyRecord& key) const;

  const storage::Store& store() const { return store_; }
  const ServiceSecrets& secrets() const { return secrets_; }
  Trees& trees() const { return *trees_; }
  Vault& vault() const { return vault_; }
  Random& random() const { return random_; }
  attestation::VerificationCache& verifications() const { return verifications_; }
  governance::TokenCache& tokens() const { return tokens_; }
  // Evidence is verified behind it.
  Gate& verification_gate() const { return verification_gate_; }
  Observer& observer() const { return observer_; }

  // Called between the judgement of a release and its append; tests change the policy there.
  std::function<void()> after_judging_for_testing;

 private:
  storage::Store& store_;
  const Clock& clock_;
  Random& random_;
  Observer& observer_;
  mutable Gate verification_gate_;
  const ServiceSecrets secrets_;
  const std::unique_ptr<Trees> trees_;
  mutable Vault vault_;
  mutable attestation::VerificationCache verifications_;
  mutable governance::TokenCache tokens_;
  mutable Mutex receipts_mutex_;
  mutable std::map<std::uint64_t, std::shared_ptr<const std::string>> key_receipts_
      VITRINE_GUARDED_BY(receipts_mutex_);
  Sequencer sequencer_;  // last: its thread uses what stands above
};

}  // namespace vitrine::core
