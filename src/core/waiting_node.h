// A node without its secrets: it knows what is public of the service, takes recovery shares of
// members, and is the service once it has enough of them (DESIGN.md 4, decision 8;
// docs/formats/recovery.md). Safe from any thread.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "core/core.h"
#include "core/opening.h"
#include "core/public_ledger.h"
#include "crypto/kem.h"
#include "crypto/shamir.h"
#include "governance/recovery_request.h"

namespace vitrine::core {

class WaitingNode {
 public:
  // not_found: no shares were ever dealt, so nobody can open this ledger. denied: the ledger is
  // not to be opened here (its dev flag, its seal, its entries).
  // `seal` makes the key by which the secrets will lie sealed, now, as the process is confined
  // later, and only where members can open the service.
  static Result<std::unique_ptr<WaitingNode>> begin(const Core::Parts& core,
                                                    const NodeOptions& options, SealProvider& seal);

  const State& state() const { return ledger_.state; }
  std::shared_ptr<const TreePair> trees() const { return ledger_.trees; }
  const std::optional<Head>& signed_head() const { return ledger_.signed_head; }
  const storage::Store& store() const { return parts_.core.store; }
  const governance::Deal& deal() const { return *ledger_.state.recovery.deal; }
  // Both made for this process alone; the evidence binds them.
  const crypto::PrivateKey& node_key() const { return node_key_; }
  std::string_view seal_kind() const { return parts_.seal.kind; }
  ByteView recovery_key() const { return recovery_key_.public_key; }  // X25519, 32 bytes
  // Of this node, over both keys; no report where this machine has none to give.
  const attestation::SnpEvidence& evidence() const { return evidence_; }
  const crypto::Certificate& certificate() const { return certificate_; }  // self-signed

  struct Progress {
    std::uint64_t given = 0;  // members whose share is good
    std::uint64_t threshold = 0;
    bool complete() const { return given >= threshold; }
  };
  Progress progress() const;
  // A member's signed request; `member` is whom its path names, empty: nobody. malformed, denied:
  // refused, by the member's name once it is known, and not counted. conflict: the node has enough
  // shares already.
  Result<Progress> give(std::string_view member, ByteView envelope);

  // The service itself, unconfirmed as after any start; once the shares suffice. denied: the ledger
  // is not what its secrets vouch for.
  Result<std::unique_ptr<Core>> open();

 private:
  struct Parts {
    Core::Parts core;
    NodeOptions options;
    SealingKey seal;
  };
  struct Good {
    governance::GivenShare given;
    crypto::Share share;
  };
  WaitingNode(Parts parts, std::unique_ptr<TilesOfStore> tiles, PublicLedger ledger,
              crypto::PrivateKey node_key, crypto::KemKeyPair recovery_key)
      : parts_(std::move(parts)),
        tiles_(std::move(tiles)),
        ledger_(std::move(ledger)),
        node_key_(std::move(node_key)),
        recovery_key_(std::move(recovery_key)),
        certificate_(ledger_.state.node->certificate) {}
  Status prepare();
  governance::RecoveryTarget target() const;
  Result<Good> judge(std::string_view member, ByteView envelope) const;
  Status check_statement(const governance::RecoveryStatement& statement) const;
  Result<crypto::Share> check_share(const std::string& member, ByteView clear) const;

  Parts parts_;
  const std::unique_ptr<TilesOfStore> tiles_;
  const PublicLedger ledger_;
  const crypto::PrivateKey node_key_;
  const crypto::KemKeyPair recovery_key_;
  Digest node_;  // SHA-256 of the node key's SubjectPublicKeyInfo
  attestation::SnpEvidence evidence_;
  crypto::Certificate certificate_;

  mutable Mutex mutex_;
  std::map<std::string, Good> good_ VITRINE_GUARDED_BY(mutex_);  // by member id
};

}  // namespace vitrine::core
