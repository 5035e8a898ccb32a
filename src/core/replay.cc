#include "core/replay.h"

#include <chrono>
#include <deque>
#include <map>
#include <optional>
#include <string>

#include "base/log.h"
#include "core/fold.h"
#include "core/head.h"
#include "crypto/hash.h"
#include "ledger/seal.h"

namespace vitrine::core {
namespace {

constexpr std::uint64_t kTagsAtOnce = 1024;
// 32 MiB. With more of them damaged the store is nothing to go on with.
constexpr std::size_t kRepairsMax = 4096;
constexpr std::chrono::seconds kProgressEvery{5};
constexpr std::uint64_t kProgressStep = 4096;
constexpr std::string_view kRestore =
    "this store is not what the service wrote; put the right one in place, or restore a backup";

class Replay {
 public:
  Replay(const storage::Store& store, const ServiceSecrets& secrets, const ReplayFrom& begin,
         const ledger::Roots& last_head, const std::string& last_head_name, KnownHeads known)
      : store_(store),
        known_(std::move(known)),
        secrets_(secrets),
        last_head_(last_head),
        last_head_name_(last_head_name),
        begin_(begin.state.size),
        state_(begin.state),
        trees_(std::make_unique<TreePair>(begin.trees)),
        before_(trees_->roots()) {
    for (const auto& [version, secret] : secrets.ledger.all()) {
      evidence_keys_.emplace(version,
                             ledger::commit_evidence_key(secret.reveal(), secrets.service_id));
    }
  }

  Result<Replayed> run();

 private:
  Status check_sizes(std::uint64_t size);
  Status fold(std::uint64_t index, const storage::Record& record);
  Status fold_checked(const storage::Record& record);
  Status check_place(const ledger::Leaf& leaf) const;
  Status check_sealed(const ledger::Leaf& leaf, ByteView sealed) const;
  Status check_evidence(const ledger::Leaf& leaf) const;
  Status check_tiles();
  Result<const storage::BatchTag*> next_tag();
  Status finish_batch(const storage::BatchTag& batch);
  bool is_tag_of(const storage::BatchTag& batch, const ledger::Roots& after) const;
  Status check_ends();
  Status check_signed_head();
  void tell_progress();
  tl::unexpected<Error> at_entry(std::uint64_t index, const Error& error) const;

  const storage::Store& store_;
  KnownHeads known_;  // those not met yet
  const ServiceSecrets& secrets_;
  const ledger::Roots last_head_;
  const std::string last_head_name_;
  const std::uint64_t begin_;
  std::map<std::uint64_t, SecretBytes> evidence_keys_;  // one for each ledger secret, by version
  std::uint64_t size_ = 0;                              // of the store

  State state_;
  std::unique_ptr<TreePair> trees_;
  ledger::Roots before_;  // at the start of the batch being folded
  std::deque<storage::BatchTag> tags_;
  std::vector<ledger::SnapshotTaken> snapshots_;
  std::vector<storage::Tile> repairs_;

  std::optional<storage::Head> signed_head_;
  std::optional<ledger::Roots> roots_at_signed_head_;
  // As it was then: keys and certificates may have been replaced since.
  std::shared_ptr<const Service> service_at_signed_head_;
  std::optional<ledger::Roots> roots_at_last_head_;
  // The first batch whose tag does not vouch for it, and why: only a signed head can still cover
  // it.
  std::optional<std::uint64_t> untagged_;
  std::uint64_t untagged_end_ = 0;
  Error untagged_error_;
  std::chrono::steady_clock::time_point told_ = std::chrono::steady_clock::now();
};

tl::unexpected<Error> Replay::at_entry(std::uint64_t index, const Error& error) const {
  return fail(error.code == Code::internal ? Code::internal : Code::denied,
              store_.describe() + ", entry " + std::to_string(index + 1) + ": " + error.message,
              std::string(kRestore));
}

Result<Replayed> Replay::run() {
  VITRINE_TRY(size_, store_.size());
  VITRINE_TRY(signed_head_, store_.head());
  VITRINE_CHECK(check_sizes(size_));
  if (before_.size == last_head_.size) roots_at_last_head_ = before_;
  service_at_signed_head_ = state_.service;
  VITRINE_CHECK(store_.read(
      begin_, size_ - begin_,
      [this](std::uint64_t index, const storage::Record& record) { return fold(index, record); }));
  if (state_.size != size_) {
    return denied(store_.describe() + ", entry " + std::to_string(state_.size + 1) +
                  ": can't be read");
  }
  VITRINE_CHECK(check_ends());
  return Replayed{std::move(state_), std::move(trees_), std::move(snapshots_), std::move(repairs_)};
}

Status Replay::check_sizes(std::uint64_t size) {
  if (last_head_.size > size) {
    return denied(store_.describe() + ": holds " + std::to_string(size) +
                      " entries, but the last head that this node sealed (" + last_head_name_ +
                      ") says " + std::to_string(last_head_.size),
                  "an older copy of the store, or a cut one; put the newest in place");
  }
  if (signed_head_ && signed_head_->size > size) {
    return denied(store_.describe() + ": holds " + std::to_string(size) +
                      " entries, but the signed head says " + std::to_string(signed_head_->size),
                  "entries are missing; put the right store in place, or restore a backup");
  }
  if (begin_ > size) return denied(store_.describe() + ": ends before the snapshot");
  return {};
}

Status Replay::fold(std::uint64_t index, const storage::Record& record) {
  if (const Status folded = fold_checked(record); !folded) return at_entry(index, folded.error());
  if (state_.size % kProgressStep == 0) tell_progress();
  const auto tag = next_tag();
  if (!tag) return at_entry(index, tag.error());
  if (*tag == nullptr) return at_entry(index, {Code::denied, "no batch tag covers it", {}});
  if (state_.size == (*tag)->size_after) {
    if (const Status batch = finish_batch(**tag); !batch) return at_entry(index, batch.error());
    tags_.pop_front();
  }
  return {};
}

void Replay::tell_progress() {
  const auto now = std::chrono::steady_clock::now();
  if (now - told_ < kProgressEvery) return;
  told_ = now;
  log::info("checking the ledger",
            {{"entry", std::to_string(state_.size)}, {"of", std::to_string(size_)}});
}

Status Replay::fold_checked(const storage::Record& record) {
  VITRINE_TRY(const ledger::Leaf leaf, ledger::decode_leaf(record.leaf));
  VITRINE_CHECK(check_place(leaf));
  VITRINE_CHECK(check_sealed(leaf, record.sealed));
  VITRINE_CHECK(apply_stored(state_, leaf, record.leaf, record.blob));
  VITRINE_CHECK(check_evidence(leaf));
  if (leaf.kind == ledger::Kind::snapshot_taken) {
    VITRINE_TRY(const auto entry, ledger::decode_snapshot_taken(leaf.public_part));
    snapshots_.push_back(entry);
  }
  trees_->append(record.leaf, leaf);
  return check_tiles();
}

Status Replay::check_place(const ledger::Leaf& leaf) const {
  const bool first_of_batch = state_.size == before_.size;
  if (first_of_batch != leaf.previous.has_value())
    return malformed("it names a previous head, or none, against its place in the batch");
  if (leaf.previous && *leaf.previous != before_)
    return malformed("the previous head it names is not that of the entries before it");
  return {};
}

Status Replay::check_sealed(const ledger::Leaf& leaf, ByteView sealed) const {
  if (leaf.sealed.has_value() != !sealed.empty())
    return malformed("its sealed part is missing, or not committed to");
  if (leaf.sealed &&
      (leaf.sealed->length != sealed.size() || leaf.sealed->sha256 != crypto::sha256(sealed))) {
    return malformed("its sealed part is not the one it commits to");
  }
  return {};
}

// Under the secret in force after the entry.
Status Replay::check_evidence(const ledger::Leaf& leaf) const {
  const auto key = evidence_keys_.find(state_.secret_version);
  if (key == evidence_keys_.end())
    return denied("it is under ledger secret " + std::to_string(state_.secret_version) +
                  ", which this node does not hold");
  const std::string evidence = ledger::commit_evidence(key->second.reveal(), leaf.id);
  if (crypto::sha256(as_bytes(evidence)) == leaf.evidence_digest) return {};
  return denied("its commit evidence is not of this service");
}

// Tiles that the fold finishes are in the store already. One that is damaged loses nothing: it is
// made of the leaves, which are checked.
Status Replay::check_tiles() {
  for (auto& tile : trees_->take_finished()) {
    const auto stored = store_.tile(tile.tree, tile.level, tile.index);
    if (stored && same(*stored, tile.hashes)) continue;
    if (repairs_.size() == kRepairsMax) return malformed("too many tiles before it are damaged");
    repairs_.push_back(std::move(tile));
  }
  return {};
}

// The tag of the batch being folded; nullptr where there is none.
Result<const storage::BatchTag*> Replay::next_tag() {
  if (tags_.empty()) {
    VITRINE_CHECK(
        store_.read_tags(before_.size, kTagsAtOnce, [this](const storage::BatchTag& tag) -> Status {
          tags_.push_back(tag);
          return {};
        }));
  }
  if (tags_.empty()) return nullptr;
  const storage::BatchTag& tag = tags_.front();
  if (tag.size_before != before_.size || tag.size_after < state_.size)
    return denied("its batch does not follow the one before");
  return &tag;
}

Status Replay::finish_batch(const storage::BatchTag& batch) {
  const ledger::Roots after = trees_->roots();
  if (state_.node == nullptr) return malformed("no node_started entry names who wrote it");
  if (!is_tag_of(batch, after) && !untagged_) {
    untagged_ = before_.size;
    untagged_end_ = after.size;
    untagged_error_ = {Code::denied,
                       "the batch tag that covers it is not of this service: somebody without its "
                       "secrets wrote it",
                       {}};
  }
  if (signed_head_ && signed_head_->size == after.size) {
    roots_at_signed_head_ = after;
    service_at_signed_head_ = state_.service;
  }
  if (last_head_.size == after.size) roots_at_last_head_ = after;
  if (const auto known = known_.find(after.size); known != known_.end()) {
    if (known->second != after.rfc9162)
      return denied("the entries up to it are not those of a head that others know");
    known_.erase(known);
  }
  before_ = after;
  return {};
}

// Under the secret in force after the batch.
bool Replay::is_tag_of(const storage::BatchTag& batch, const ledger::Roots& after) const {
  const auto secret = secrets_.ledger.secret(state_.secret_version);
  if (!secret) return false;
  const Digest expected = ledger::batch_tag(
      *secret, secrets_.service_id, {before_, after, state_.node->id, state_.node->boot_id});
  return equal_in_constant_time(expected, batch.tag);
}

Status Replay::check_ends() {
  if (before_.size != size_)
    return at_entry(before_.size, {Code::denied, "no batch tag covers it", {}});
  if (last_head_.size != 0 && roots_at_last_head_ != last_head_) {
    return denied(store_.describe() + ", entry " + std::to_string(last_head_.size) +
                      ": the entries up to it are not those of the last head that this node "
                      "sealed (" +
                      last_head_name_ + ")",
                  std::string(kRestore));
  }
  if (!known_.empty()) {
    return denied(store_.describe() + ": no batch of it ends with entry " +
                      std::to_string(known_.begin()->first) + ", as a head that others know says",
                  std::string(kRestore));
  }
  // A head from before the snapshot says nothing about the entries folded.
  if (signed_head_ && signed_head_->size >= begin_ && signed_head_->size != 0)
    VITRINE_CHECK(check_signed_head());
  if (untagged_ && (!roots_at_signed_head_ || untagged_end_ > roots_at_signed_head_->size))
    return at_entry(*untagged_, untagged_error_);
  return {};
}

Status Replay::check_signed_head() {
  const auto refused = [&](const Error& error) {
    return denied(store_.describe() + ", signed head of " + std::to_string(signed_head_->size) +
                      " entries: " + error.message,
                  std::string(kRestore));
  };
  if (signed_head_->size == begin_) {
    VITRINE_TRY(roots_at_signed_head_, trees_->roots_at(begin_));
  }
  if (!roots_at_signed_head_) return refused({Code::denied, "no batch ends there", {}});
  const auto head = ledger::decode_signed_head(signed_head_->head);
  if (!head) return refused(head.error());
  if (const Status verified = verify_head(*head, *roots_at_signed_head_, *service_at_signed_head_);
      !verified)
    return refused(verified.error());
  return {};
}

}  // namespace

Result<Replayed> replay(const storage::Store& store, const ServiceSecrets& secrets,
                        const ReplayFrom& begin, const ledger::Roots& last_head,
                        const std::string& last_head_name, const KnownHeads& known) {
  Replay run(store, secrets, begin, last_head, last_head_name, known);
  VITRINE_TRY(Replayed replayed, run.run());
  const State& state = replayed.state;
  if (state.service != nullptr && state.service->id != secrets.service_id) {
    return denied(store.describe() + ": is the ledger of another service than the sealed secrets'");
  }
  return replayed;
}

}  // namespace vitrine::core
