// The last head that this node vouched for, sealed beside the store, so that a store which does not
// extend it is refused at start (DESIGN.md 2, rule 5; docs/formats/last-head.md). Who puts back an
// older copy of both is not caught by this: that is for the rollback guard.
#pragma once

#include <optional>
#include <thread>

#include "base/mutex.h"
#include "core/node_files.h"
#include "core/secrets_in_use.h"
#include "ledger/leaf.h"

namespace vitrine::core {

Bytes seal_last_head(const ledger::Roots& roots, const ServiceSecrets& secrets);
// denied: another service's, or changed. malformed: not such a file.
Result<ledger::Roots> open_last_head(ByteView sealed, const ServiceSecrets& secrets);
// The size it claims, unchecked; for a start that holds no secrets yet.
Result<std::uint64_t> claimed_size_of_last_head(ByteView sealed);

// Seals the newest head: at once where asked, else within kLagMax of its batch, on a thread of its
// own. Safe from any thread.
class LastHeadKeeper {
 public:
  static constexpr std::chrono::milliseconds kLagMax{1000};

  LastHeadKeeper(NodeFiles& files, const SecretsInUse& secrets);
  ~LastHeadKeeper();  // seals what is newest, then joins
  LastHeadKeeper(const LastHeadKeeper&) = delete;
  LastHeadKeeper& operator=(const LastHeadKeeper&) = delete;

  void keep_soon(const ledger::Roots& roots);
  Status keep_now(const ledger::Roots& roots);
  // unavailable: the newest head has been waiting for longer than kLagMax because the disk refuses
  // it; until it is sealed nothing may be appended, or a rollback could take back more than that.
  Status check() const;

 private:
  void run();
  Status seal_newest();  // serialised; never replaces a head by an older one

  NodeFiles& files_;
  const SecretsInUse& secrets_;
  Mutex writing_;  // held while the file is replaced; taken before mutex_
  mutable Mutex mutex_;
  Condition changed_;
  std::optional<ledger::Roots> newest_ VITRINE_GUARDED_BY(mutex_);  // none: sealed already
  std::uint64_t sealed_size_ VITRINE_GUARDED_BY(mutex_) = 0;
  std::chrono::steady_clock::time_point waiting_since_ VITRINE_GUARDED_BY(mutex_);
  std::optional<Error> failure_ VITRINE_GUARDED_BY(mutex_);
  bool stopping_ VITRINE_GUARDED_BY(mutex_) = false;
  std::thread thread_;
};

}  // namespace vitrine::core
