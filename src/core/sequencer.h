// The sequencer: one thread that checks commands against the newest state, encodes their entries
// and makes a whole batch durable with one write; then confirm, sign, publish, answer, in this
// order (DESIGN.md 4, decisions 1 and 2; transparency.md 12).
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
#include "core/head.h"
#include "core/secrets.h"
#include "core/state.h"
#include "core/trees.h"
#include "storage/store.h"

namespace vitrine::core {

// An entry that a command wants appended. Position, time, tag and references are the sequencer's.
struct Draft {
  ledger::Kind kind = ledger::Kind::key_released;
  codec::cbor::Value public_part;
  std::optional<ledger::SealedPart> sealed;
  std::optional<Digest> claims_digest;
  Bytes blob;
};

// Runs on the sequencer's thread against the newest state; `now` is the time the entry will carry.
// Cheap: what is expensive was done before. An error refuses the command, and nothing of it is
// appended.
using Decide = std::function<Result<Draft>(const State& newest, Time now)>;

// A state and the signed head that covers it.
struct View {
  State state;
  Head head;
};

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
    Trees& trees;
    const ServiceSecrets& secrets;
    const Clock& clock;
    std::array<Byte, 16> boot_id;
  };
  // Starts the thread on a folded state. There is no view until the first batch is committed.
  Sequencer(const Parts& parts, State state);
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

 private:
  struct Command;
  struct Encoded;  // a batch under construction
  void run();
  void commit(const std::vector<std::shared_ptr<Command>>& commands);
  Status encode_command(Command& command, Encoded& batch) const;
  Result<std::shared_ptr<const View>> make_certain(Encoded& batch);

  const Parts parts_;
  State state_;                  // of the sequencer's thread alone
  std::optional<Error> broken_;  // once set, nothing is appended again

  mutable Mutex mutex_;
  Condition changed_;
  std::deque<std::shared_ptr<Command>> queue_ VITRINE_GUARDED_BY(mutex_);
  bool stopping_ VITRINE_GUARDED_BY(mutex_) = false;
  std::shared_ptr<const View> view_ VITRINE_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace vitrine::core
