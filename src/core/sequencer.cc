#include "core/sequencer.h"

#include <algorithm>
#include <future>

#include "base/log.h"
#include "core/fold.h"
#include "crypto/hash.h"
#include "ledger/seal.h"

namespace vitrine::core {
namespace {

using SteadyClock = std::chrono::steady_clock;

// The stored head is for who reads the file; a start signs the newest again. So it need not cost
// each batch a page.
constexpr std::chrono::seconds kStoreHeadEvery{1};

// What people decided, and that a node began, is out of a rollback's reach before anyone hears of
// it; keys and releases within a second.
bool is_sealed_at_once(ledger::Kind kind) {
  return kind != ledger::Kind::key_created && kind != ledger::Kind::key_released &&
         kind != ledger::Kind::snapshot_taken;
}

// All but the public part, the previous head, and what only the fold of this entry tells.
ledger::Leaf make_leaf(const Draft& draft, const State& state, Time now) {
  ledger::Leaf leaf;
  leaf.kind = draft.kind;
  leaf.id = {next_view(state, draft.kind), state.size + 1};
  leaf.time = now;
  if (draft.sealed) leaf.sealed = draft.sealed->commitment;
  leaf.claims_digest = draft.claims_digest;
  return leaf;
}

}  // namespace

struct Sequencer::Command {
  std::vector<Decide> decides;
  std::promise<Result<Appended>> answer;
  ledger::TransactionId last_id;  // of its last entry, once encoded
};

struct Sequencer::Batch {
  std::vector<std::shared_ptr<Command>> commands;  // those accepted
  State state;                                     // after the entries so far
  std::shared_ptr<TreePair> trees;
  ledger::Roots before;
  ledger::Roots after;
  storage::Batch stored;
  bool seal_at_once = false;
  SteadyClock::time_point begun = SteadyClock::now();
};

Sequencer::Sequencer(const Parts& parts, State state, std::shared_ptr<const TreePair> trees,
                     std::shared_ptr<const View> view)
    : parts_(parts),
      tip_{std::move(state), std::move(trees)},
      durable_(tip_),
      view_(std::move(view)) {
  threads_.emplace_back([this] { encode_batches(); });
  threads_.emplace_back([this] { write_batches(); });
  threads_.emplace_back([this] { finish_batches(); });
}

Sequencer::~Sequencer() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  encoder_.notify_all();
  for (auto& thread : threads_) thread.join();
  const auto newest = view();
  if (newest == nullptr) return;
  Status kept = parts_.store.put_head({newest->head.root.roots.size, ledger::encode(newest->head)});
  if (kept) kept = parts_.store.sync();
  if (!kept) log::warning("head not stored", {{"reason", kept.error().message}});
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
  encoder_.notify_all();
  return answer.get();
}

std::shared_ptr<const View> Sequencer::view() const {
  const Lock lock(mutex_);
  return view_;
}

void Sequencer::repair(std::vector<storage::Tile> tiles) {
  const Lock lock(mutex_);
  for (auto& tile : tiles) repairs_.push_back(std::move(tile));
}

void Sequencer::stop_for(Error reason) {
  const Lock lock(mutex_);
  if (!broken_) broken_ = std::move(reason);
}

Status Sequencer::check_broken() const {
  const Lock lock(mutex_);
  if (broken_) return tl::unexpected<Error>(*broken_);
  return {};
}

Status Sequencer::check_usable() const {
  VITRINE_CHECK(check_broken());
  return parts_.last_head.check();
}

void Sequencer::refuse(const Batch& batch, const Error& error) {
  for (const auto& command : batch.commands)
    command->answer.set_value(tl::unexpected<Error>(error));
}

// ---- encoding

void Sequencer::encode_batches() {
  while (true) {
    const auto commands = next_commands();
    if (commands.empty()) break;
    auto batch = encode(commands);
    if (batch == nullptr) continue;
    {
      const Lock lock(mutex_);
      to_write_ = std::move(batch);
    }
    writer_.notify_all();
  }
  {
    const Lock lock(mutex_);
    all_encoded_ = true;
  }
  writer_.notify_all();
}

// Takes them only once there is a place for their batch, so that a batch grows for as long as the
// disk is busy. Empty: stopped, and nothing is left.
std::vector<std::shared_ptr<Sequencer::Command>> Sequencer::next_commands() {
  std::vector<std::shared_ptr<Command>> commands;
  std::size_t waiting = 0;
  {
    const Lock lock(mutex_);
    while (to_write_ != nullptr || (queue_.empty() && !stopping_)) encoder_.wait(mutex_);
    if (std::exchange(fall_back_, false)) tip_ = durable_;
    waiting = queue_.size();
    std::size_t entries = 0;
    while (!queue_.empty() &&
           (commands.empty() || entries + queue_.front()->decides.size() <= kBatchEntriesMax)) {
      entries += queue_.front()->decides.size();
      commands.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
  }
  if (waiting > 0) parts_.observer.commands_waiting(waiting);
  return commands;
}

// Null where every command was refused.
std::unique_ptr<Sequencer::Batch> Sequencer::encode(
    const std::vector<std::shared_ptr<Command>>& commands) {
  auto batch = std::make_unique<Batch>();
  batch->state = tip_.state;
  batch->trees = std::make_shared<TreePair>(*tip_.trees);
  batch->before = batch->trees->roots();
  batch->stored.size_before = tip_.state.size;

  const Status usable = check_usable();
  for (const auto& command : commands) {
    Status encoded = usable ? encode_command(*command, *batch) : usable;
    if (encoded) {
      batch->commands.push_back(command);
    } else {
      command->answer.set_value(tl::unexpected<Error>(std::move(encoded).error()));
    }
  }
  if (batch->commands.empty()) return nullptr;

  batch->after = batch->trees->roots();
  // Under the secret in force after its last entry (docs/formats/seal.md); each entry's evidence
  // was made under one that is held, so this is.
  const auto secrets = parts_.secrets.now();
  const Digest tag =
      ledger::batch_tag(*secrets->ledger.secret(batch->state.secret_version), secrets->service_id,
                        {batch->before, batch->after, batch->state.node->id, parts_.boot_id});
  batch->stored.tag = to_bytes(tag);
  batch->stored.tiles = batch->trees->take_finished();
  tip_ = {batch->state, batch->trees};
  return batch;
}

// Several entries of one command are all or none: the batch grows only when the last of them was
// accepted. A command of one entry, the usual case, needs no copy to fall back on: every step that
// can fail comes before the first change.
Status Sequencer::encode_command(Command& command, Batch& batch) {
  struct Made {
    storage::Record record;
    ledger::Leaf leaf;
  };
  std::vector<Made> made;
  State state = batch.state;
  // What a command sees is what its entry will be folded onto.
  if (batch.stored.records.empty()) state.signed_root = batch.before.ccf;
  for (const Decide& decide : command.decides) {
    const Time now = std::max(parts_.clock.now(), state.time);
    VITRINE_TRY(Draft draft, decide(state, now));
    ledger::Leaf leaf = make_leaf(draft, state, now);
    if (batch.stored.records.empty() && made.empty()) leaf.previous = batch.before;
    leaf.public_part = std::move(draft.public_part);

    const auto encode = [&draft](const ledger::Leaf& of) {
      return draft.encoded.empty() ? ledger::encode(of) : ledger::encode(of, draft.encoded);
    };
    Bytes leaf_bytes;
    if (leaf.kind == ledger::Kind::service_created) {
      // Its effects hold its own hash.
      VITRINE_TRY(leaf.evidence_digest, evidence_digest(state.secret_version, leaf.id));
      leaf.governance = state.governance_ref;
      leaf_bytes = encode(leaf);
      VITRINE_CHECK(apply_effects(state, leaf, leaf_bytes, draft.blob));
    } else {
      VITRINE_CHECK(apply_effects(state, leaf, {}, draft.blob));
      VITRINE_TRY(leaf.evidence_digest, evidence_digest(state.secret_version, leaf.id));
      leaf.governance = state.governance_ref;
      leaf_bytes = encode(leaf);
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
    batch.stored.records.push_back(std::move(one.record));
    if (is_sealed_at_once(one.leaf.kind)) batch.seal_at_once = true;
  }
  batch.state = std::move(state);
  command.last_id = batch.state.last_id();
  return {};
}

Result<Digest> Sequencer::evidence_digest(std::uint64_t secret_version,
                                          const ledger::TransactionId& id) {
  if (evidence_key_version_ != secret_version) {
    const auto secrets = parts_.secrets.now();
    VITRINE_TRY(const ByteView secret, secrets->ledger.secret(secret_version));
    evidence_key_ = ledger::commit_evidence_key(secret, secrets->service_id);
    evidence_key_version_ = secret_version;
  }
  return crypto::sha256(as_bytes(ledger::commit_evidence(evidence_key_.reveal(), id)));
}

// ---- writing

void Sequencer::write_batches() {
  while (true) {
    std::unique_ptr<Batch> batch;
    {
      const Lock lock(mutex_);
      while (to_write_ == nullptr && !all_encoded_) writer_.wait(mutex_);
      if (to_write_ == nullptr) break;
      batch = std::move(to_write_);
    }
    encoder_.notify_all();
    if (const Status written = write(*batch); !written) {
      refuse(*batch, written.error());
      continue;
    }
    {
      const Lock lock(mutex_);
      while (to_finish_ != nullptr) writer_.wait(mutex_);
      to_finish_ = std::move(batch);
    }
    finisher_.notify_all();
  }
  {
    const Lock lock(mutex_);
    all_written_ = true;
  }
  finisher_.notify_all();
}

Status Sequencer::write(Batch& batch) {
  {
    // Encoded upon a batch that could not be written, before the encoder fell back.
    const Lock lock(mutex_);
    if (batch.stored.size_before != durable_.state.size)
      return unavailable("append: the batch before it could not be written");
  }
  Status written = write_usable(batch);
  const Lock lock(mutex_);
  if (written) {
    durable_ = {batch.state, batch.trees};
  } else {
    fall_back_ = true;
  }
  return written;
}

Status Sequencer::write_usable(Batch& batch) {
  VITRINE_CHECK(check_usable());
  const auto now = SteadyClock::now();
  const bool take_head = now - head_stored_ >= kStoreHeadEvery;
  std::shared_ptr<const View> newest;
  {
    const Lock lock(mutex_);
    for (auto& tile : repairs_) batch.stored.tiles.push_back(std::move(tile));
    repairs_.clear();
    newest = view_;
  }
  if (take_head && newest != nullptr) {
    batch.stored.head = {newest->head.root.roots.size, ledger::encode(newest->head)};
    head_stored_ = now;
  }
  return store(batch.stored);
}

Status Sequencer::store(const storage::Batch& batch) {
  Status stored = parts_.store.append(batch);
  if (stored) return stored;
  log::error("append failed",
             {{"store", parts_.store.describe()}, {"reason", stored.error().message}});
  // Whether a failed write reached the disk is for the disk to say. Unless it still holds what it
  // held, stop writing.
  const auto size = parts_.store.size();
  if (stored.error().code == Code::conflict || !size || *size != batch.size_before) {
    stop_for({Code::unavailable,
              "append: the store no longer holds what this node wrote; nothing more is appended",
              "restart the node: it will check every entry"});
  }
  // Whatever it was, it is nothing that the command's author could mend.
  stored.error().code = Code::unavailable;
  return stored;
}

// ---- finishing

void Sequencer::finish_batches() {
  while (true) {
    std::unique_ptr<Batch> batch;
    {
      const Lock lock(mutex_);
      while (to_finish_ == nullptr && !all_written_) finisher_.wait(mutex_);
      if (to_finish_ == nullptr) return;
      batch = std::move(to_finish_);
    }
    writer_.notify_all();
    const auto view = finish(*batch);
    if (!view) {
      stop_for(view.error());
      refuse(*batch, view.error());
      continue;
    }
    parts_.observer.batch_committed(batch->stored.records.size(),
                                    SteadyClock::now() - batch->begun);
    for (const auto& command : batch->commands)
      command->answer.set_value(Appended{command->last_id, *view});
  }
}

// Confirmed, signed, published. After an error the entries are on disk and may or may not become
// history: only a restart, which reads what did, can tell.
Result<std::shared_ptr<const View>> Sequencer::finish(Batch& batch) {
  VITRINE_CHECK(check_broken());
  VITRINE_CHECK(parts_.confirm.confirm(batch.after));
  // From here on who seals does so under the secret that is in force; whoever did before is asked
  // to again by the fold.
  VITRINE_CHECK(parts_.secrets.follow(batch.state));
  VITRINE_TRY(auto head, sign_head(batch.after, batch.state, *parts_.secrets.now()));
  auto view = std::make_shared<const View>(
      View{std::move(batch.state), std::move(head), std::move(batch.trees)});
  if (!batch.seal_at_once) {
    parts_.last_head.keep_soon(batch.after);
  } else if (const Status kept = parts_.last_head.keep_now(batch.after); !kept) {
    log::error("last head not sealed", {{"reason", kept.error().message}});
  }
  const Lock lock(mutex_);
  view_ = view;
  return view;
}

}  // namespace vitrine::core
