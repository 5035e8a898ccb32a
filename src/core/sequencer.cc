#include "core/sequencer.h"

#include <algorithm>
#include <future>

#include "base/log.h"
#include "core/fold.h"
#include "crypto/hash.h"
#include "ledger/seal.h"

namespace vitrine::core {

struct Sequencer::Command {
  std::vector<Decide> decides;
  std::promise<Result<Appended>> answer;
  ledger::TransactionId last_id;  // of its last entry, once encoded
};

struct Sequencer::Encoded {
  State state;  // after the entries so far
  std::unique_ptr<TreePair> trees;
  ledger::Roots before;
  storage::Batch batch;
};

Sequencer::Sequencer(const Parts& parts, State state)
    : parts_(parts), state_(std::move(state)), thread_([this] { run(); }) {}

Sequencer::~Sequencer() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

Result<Appended> Sequencer::append(Decide decide) {
  std::vector<Decide> one;
  one.push_back(std::move(decide));
  return append_all(std::move(one));
}

Result<Appended> Sequencer::append_all(std::vector<Decide> decides) {
  auto command = std::make_shared<Command>();
  command->decides = std::move(decides);
  auto answer = command->answer.get_future();
  {
    const Lock lock(mutex_);
    if (stopping_) return unavailable("append: the service is stopping");
    if (queue_.size() >= kQueueMax)
      return unavailable("append: too many commands are waiting", "try again in a moment");
    queue_.push_back(std::move(command));
  }
  changed_.notify_all();
  return answer.get();
}

std::shared_ptr<const View> Sequencer::view() const {
  const Lock lock(mutex_);
  return view_;
}

void Sequencer::run() {
  while (true) {
    std::vector<std::shared_ptr<Command>> commands;
    {
      const Lock lock(mutex_);
      while (queue_.empty() && !stopping_) changed_.wait(mutex_);
      if (queue_.empty()) return;
      std::size_t entries = 0;
      while (!queue_.empty() &&
             (commands.empty() || entries + queue_.front()->decides.size() <= kBatchEntriesMax)) {
        entries += queue_.front()->decides.size();
        commands.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    commit(commands);
  }
}

void Sequencer::commit(const std::vector<std::shared_ptr<Command>>& commands) {
  Encoded batch{state_, parts_.trees.copy(), {}, {}};
  batch.before = batch.trees->roots();
  batch.batch.size_before = state_.size;

  std::vector<std::shared_ptr<Command>> accepted;
  for (const auto& command : commands) {
    Status encoded =
        broken_ ? Status(tl::unexpected<Error>(*broken_)) : encode_command(*command, batch);
    if (encoded) {
      accepted.push_back(command);
    } else {
      command->answer.set_value(tl::unexpected<Error>(std::move(encoded).error()));
    }
  }
  if (accepted.empty()) return;

  const auto view = make_certain(batch);
  for (const auto& command : accepted) {
    if (view) {
      command->answer.set_value(Appended{command->last_id, *view});
    } else {
      command->answer.set_value(tl::unexpected<Error>(view.error()));
    }
  }
}

// Several entries of one command are all or none: the batch grows only when the last of them was
// accepted. A command of one entry, the usual case, needs no copy to fall back on: every step that
// can fail comes before the first change.
Status Sequencer::encode_command(Command& command, Encoded& batch) const {
  struct Made {
    storage::Record record;
    ledger::Leaf leaf;
  };
  std::vector<Made> made;
  State state = batch.state;
  for (const Decide& decide : command.decides) {
    const Time now = std::max(parts_.clock.now(), state.time);
    VITRINE_TRY(Draft draft, decide(state, now));

    ledger::Leaf leaf;
    leaf.kind = draft.kind;
    leaf.id = {next_view(state, draft.kind), state.size + 1};
    leaf.time = now;
    leaf.public_part = std::move(draft.public_part);
    if (draft.sealed) leaf.sealed = draft.sealed->commitment;
    leaf.claims_digest = draft.claims_digest;
    VITRINE_TRY(const ByteView secret,
                parts_.secrets.ledger.secret(parts_.secrets.ledger.current_version()));
    leaf.evidence_digest = crypto::sha256(
        as_bytes(ledger::commit_evidence(secret, parts_.secrets.service_id, leaf.id)));
    if (batch.batch.records.empty() && made.empty()) leaf.previous = batch.before;
    leaf.governance = state.governance_ref;

    Bytes leaf_bytes;
    if (changes_governance(leaf.kind)) {
      VITRINE_CHECK(apply_effects(state, leaf, {}, draft.blob));
      leaf.governance = state.governance_ref;
      leaf_bytes = ledger::encode(leaf);
    } else {
      leaf_bytes = ledger::encode(leaf);
      VITRINE_CHECK(apply_effects(state, leaf, leaf_bytes, draft.blob));
    }
    if (leaf_bytes.size() > limits::kLeafBytesMax)
      return malformed("append: the entry is over 32 KiB");
    made.push_back(
        {{std::move(leaf_bytes), draft.sealed ? std::move(draft.sealed->stored) : Bytes{},
          std::move(draft.blob)},
         std::move(leaf)});
  }
  for (Made& one : made) {
    batch.trees->append(one.record.leaf, one.leaf);
    batch.batch.records.push_back(std::move(one.record));
  }
  batch.state = std::move(state);
  command.last_id = batch.state.last_id();
  return {};
}

// Durable, confirmed, signed, published.
Result<std::shared_ptr<const View>> Sequencer::make_certain(Encoded& batch) {
  const ledger::Roots after = batch.trees->roots();
  VITRINE_TRY(const ByteView secret,
              parts_.secrets.ledger.secret(parts_.secrets.ledger.current_version()));
  const Digest tag = ledger::batch_tag(secret, parts_.secrets.service_id,
                                       {batch.before, after, batch.state.node->id, parts_.boot_id});
  batch.batch.tag = to_bytes(tag);
  batch.batch.tiles = batch.trees->take_finished();

  if (Status stored = parts_.store.append(batch.batch); !stored) {
    log::error("append failed",
               {{"store", parts_.store.describe()}, {"reason", stored.error().message}});
    // Whether a failed write reached the disk is for the disk to say. Unless it still holds what it
    // held, stop writing.
    const auto size = parts_.store.size();
    if (stored.error().code == Code::conflict || !size || *size != batch.batch.size_before) {
      broken_ =
          Error{Code::internal,
                "append: the store no longer holds what this node wrote; nothing more is appended",
                "restart the node: it will check every entry"};
    }
    return tl::unexpected<Error>(std::move(stored).error());
  }
  parts_.trees.publish(std::move(batch.trees));
  state_ = batch.state;

  if (Status confirmed = parts_.confirm.confirm(after); !confirmed) {
    // The entries are on disk and may or may not become history: only a restart, which reads what
    // did, can tell.
    broken_ = confirmed.error();
    return tl::unexpected<Error>(std::move(confirmed).error());
  }
  auto head = sign_head(after, state_, parts_.secrets);
  if (!head) {
    broken_ = head.error();
    return tl::unexpected<Error>(std::move(head).error());
  }
  auto view = std::make_shared<const View>(View{state_, *std::move(head)});
  {
    const Lock lock(mutex_);
    view_ = view;
  }
  // Signed again, identical in content, after a crash: so a failure here loses nothing.
  if (const Status kept = parts_.store.put_head({after.size, encode(view->head)}); !kept) {
    log::warning("head not stored", {{"reason", kept.error().message}});
  }
  return view;
}

}  // namespace vitrine::core
