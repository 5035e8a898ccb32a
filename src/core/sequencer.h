// The sequencer: checks commands against the newest state, encodes their entries and makes a whole
// batch durable with one write; then confirms, signs, publishes, answers, in this order (DESIGN.md
// 4, decisions 1 and 2; transparency.md 12). Three threads, a batch in each: one encodes, one
// writes, one finishes, so that the disk never waits for a signature nor a signature for the disk
// (docs/design/2026-11-24-durability.md).
#pragma once

#include <array>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/mutex.h"
#include "codec/cbor.h"
#include "core/confirm.h"
#include "core/last_head.h"
#include "core/observer.h"
#include "core/secrets_in_use.h"
#include "core/view.h"
#include "storage/store.h"

namespace vitrine::core {

// An entry that a command wants appended. Position, time, tag and references are the sequencer's.
struct Draft {
  ledger::Kind kind = ledger::Kind::key_released;
  codec::cbor::Value public_part;
  std::optional<ledger::SealedPart> sealed;
  std::optional<Digest> claims_digest;
  Bytes blob;
  Bytes encoded;  // the public part's encoding, where it was made beforehand
};

// Runs on the encoding thread against the newest state, whose last entries may not be durable yet;
// `now` is the time the entry will carry. Cheap: what is expensive was done before. An error
// refuses the command, and nothing of it is appended.
using Decide = std::function<Result<Draft>(const State& newest, Time now)>;

struct Appended {
  ledger::TransactionId id;
  std::shared_ptr<const View> view;  // the first that includes the entry
};

class Sequencer {
 public:
  static constexpr std::size_t kBatchEntriesMax = 256;
  static constexpr std::size_t kQueueMax = 4096;

  struct Parts {
    storage::Store& store;
    Confirm& confirm;
    LastHeadKeeper& last_head;
    SecretsInUse& secrets;
    const Clock& clock;
    Observer& observer;
    std::array<Byte, 16> boot_id;
  };
  // Starts the threads on what is durable. `view` is what readers see until the first batch; null
  // at genesis.
  Sequencer(const Parts& parts, State state, std::shared_ptr<const TreePair> trees,
            std::shared_ptr<const View> view);
  ~Sequencer();  // commits what is queued, then joins
  Sequencer(const Sequencer&) = delete;
  Sequencer& operator=(const Sequencer&) = delete;

  // Appends the command's entry, or several in one batch with none of another command between.
  // Blocks until they are durable, confirmed and covered by a signed head. unavailable: the queue
  // is full, the disk fails, or the sequencer stopped; otherwise what `decide` refused with.
  // Several are all or none.
  Result<Appended> append(Decide decide);
  Result<Appended> append_all(std::vector<Decide> decides);

  std::shared_ptr<const View> view() const;
  // Tiles that follow from the entries and were found damaged in the store; the next batch writes
  // them again.
  void repair(std::vector<storage::Tile> tiles);
  // Nothing is appended from now on: the store is not what this node wrote.
  void stop_for(Error reason);

 private:
  struct Command;
  struct Batch;
  struct Tip {
    State state;
    std::shared_ptr<const TreePair> trees;
  };

  void encode_batches();
  std::vector<std::shared_ptr<Command>> next_commands();
  std::unique_ptr<Batch> encode(const std::vector<std::shared_ptr<Command>>& commands);
  Status encode_command(Command& command, Batch& batch);
  Result<Digest> evidence_digest(std::uint64_t secret_version, const ledger::TransactionId& id);

  void write_batches();
  Status write(Batch& batch);
  Status write_usable(Batch& batch);
  Status store(const storage::Batch& batch);

  void finish_batches();
  Result<std::shared_ptr<const View>> finish(Batch& batch);

  static void refuse(const Batch& batch, const Error& error);
  Status check_broken() const;
  Status check_usable() const;

  const Parts parts_;
  // Of the encoding thread alone. The key of commit evidence is under the ledger secret in force at
  // its tip.
  Tip tip_;
  std::uint64_t evidence_key_version_ = 0;
  SecretBytes evidence_key_;

  mutable Mutex mutex_;
  std::deque<std::shared_ptr<Command>> queue_ VITRINE_GUARDED_BY(mutex_);
  std::unique_ptr<Batch> to_write_ VITRINE_GUARDED_BY(mutex_);
  std::unique_ptr<Batch> to_finish_ VITRINE_GUARDED_BY(mutex_);
  // Each wakes one thread: about the queue and a free place to write, a batch to write and a free
  // place to finish, a batch to finish.
  Condition encoder_;
  Condition writer_;
  Condition finisher_;
  bool stopping_ VITRINE_GUARDED_BY(mutex_) = false;
  bool all_encoded_ VITRINE_GUARDED_BY(mutex_) = false;
  bool all_written_ VITRINE_GUARDED_BY(mutex_) = false;
  Tip durable_ VITRINE_GUARDED_BY(mutex_);
  bool fall_back_ VITRINE_GUARDED_BY(mutex_) = false;       // the encoder begins again at durable_
  std::optional<Error> broken_ VITRINE_GUARDED_BY(mutex_);  // once set, nothing is appended again
  std::vector<storage::Tile> repairs_ VITRINE_GUARDED_BY(mutex_);
  std::shared_ptr<const View> view_ VITRINE_GUARDED_BY(mutex_);

  // Of the writing thread: when a batch last took the newest head along.
  std::chrono::steady_clock::time_point head_stored_;
  std::vector<std::thread> threads_;  // last: they use what stands above
};

}  // namespace vitrine::core
