#include "core/replay.h"

#include <optional>
#include <string>
#include <vector>

#include "core/fold.h"
#include "core/head.h"
#include "crypto/hash.h"
#include "ledger/seal.h"

namespace vitrine::core {
namespace {

class Replay {
 public:
  Replay(const storage::Store& store, const ServiceSecrets& secrets,
         std::unique_ptr<TreePair> trees)
      : store_(store), secrets_(secrets), trees_(std::move(trees)) {}

  Result<State> run();
  std::unique_ptr<TreePair> take_trees() { return std::move(trees_); }

 private:
  Status fold(std::uint64_t index, const storage::Record& record);
  Status fold_checked(const storage::Record& record);
  Status finish_batch();
  Status check_tag(const storage::BatchTag& batch);
  Status check_head(const storage::Head& stored);
  tl::unexpected<Error> at_entry(std::uint64_t index, const Error& error) const;

  const storage::Store& store_;
  const ServiceSecrets& secrets_;
  std::unique_ptr<TreePair> trees_;
  State state_;
  std::vector<storage::BatchTag> tags_;
  std::size_t next_tag_ = 0;
  ledger::Roots before_;  // at the start of the batch being folded
  std::optional<std::uint64_t> head_size_;
  std::optional<ledger::Roots> roots_at_head_;
  // The first batch whose tag does not vouch for it, and why: only a signed head can still cover
  // it.
  std::optional<std::uint64_t> untagged_;
  std::uint64_t untagged_end_ = 0;
  Error untagged_error_;
};

tl::unexpected<Error> Replay::at_entry(std::uint64_t index, const Error& error) const {
  return fail(
      error.code == Code::internal ? Code::internal : Code::denied,
      store_.describe() + ", entry " + std::to_string(index + 1) + ": " + error.message,
      "this store is not what the service wrote; put the right one in place, or restore a backup");
}

Result<State> Replay::run() {
  VITRINE_TRY(const std::uint64_t size, store_.size());
  VITRINE_TRY(const auto head, store_.head());
  if (head) {
    head_size_ = head->size;
    if (head->size > size) {
      return denied(store_.describe() + ": holds " + std::to_string(size) +
                        " entries, but the signed head says " + std::to_string(head->size),
                    "entries are missing; put the right store in place, or restore a backup");
    }
  }
  VITRINE_CHECK(store_.read_tags(0, [this](const storage::BatchTag& tag) -> Status {
    tags_.push_back(tag);
    return {};
  }));
  before_ = trees_->roots();
  VITRINE_CHECK(store_.read(0, size, [this](std::uint64_t index, const storage::Record& record) {
    return fold(index, record);
  }));
  if (state_.size != size) {
    return denied(store_.describe() + ", entry " + std::to_string(state_.size + 1) +
                  ": can't be read");
  }
  if (next_tag_ != tags_.size() || (next_tag_ > 0 && tags_.back().size_after != size)) {
    return at_entry(next_tag_ == 0 ? 0 : tags_[next_tag_ - 1].size_after,
                    {Code::denied, "no batch tag covers it", {}});
  }
  if (head) VITRINE_CHECK(check_head(*head));
  if (untagged_ && (!head_size_ || untagged_end_ > *head_size_))
    return at_entry(*untagged_, untagged_error_);
  return std::move(state_);
}

Status Replay::fold(std::uint64_t index, const storage::Record& record) {
  if (const Status folded = fold_checked(record); !folded) return at_entry(index, folded.error());
  if (next_tag_ < tags_.size() && state_.size == tags_[next_tag_].size_after) {
    if (const Status batch = finish_batch(); !batch) return at_entry(index, batch.error());
  }
  return {};
}

Status Replay::fold_checked(const storage::Record& record) {
  VITRINE_TRY(const ledger::Leaf leaf, ledger::decode_leaf(record.leaf));
  const bool first_of_batch = state_.size == before_.size;
  if (first_of_batch != leaf.previous.has_value())
    return malformed("it names a previous head, or none, against its place in the batch");
  if (leaf.previous && *leaf.previous != before_)
    return malformed("the previous head it names is not that of the entries before it");

  if (leaf.sealed.has_value() != !record.sealed.empty())
    return malformed("its sealed part is missing, or not committed to");
  if (leaf.sealed && (leaf.sealed->length != record.sealed.size() ||
                      leaf.sealed->sha256 != crypto::sha256(record.sealed))) {
    return malformed("its sealed part is not the one it commits to");
  }
  // Under the secret that was in force; its version is not in the leaf, so any that this node holds
  // may fit.
  bool evidence_fits = false;
  for (auto secret = secrets_.ledger.all().rbegin();
       secret != secrets_.ledger.all().rend() && !evidence_fits; ++secret) {
    const std::string evidence =
        ledger::commit_evidence(secret->second.reveal(), secrets_.service_id, leaf.id);
    evidence_fits = crypto::sha256(as_bytes(evidence)) == leaf.evidence_digest;
  }
  if (!evidence_fits) return denied("its commit evidence is not of this service");

  VITRINE_CHECK(apply_stored(state_, leaf, record.leaf, record.blob));
  trees_->append(record.leaf, leaf);
  trees_->take_finished();  // full tiles are in the store already
  return {};
}

Status Replay::finish_batch() {
  const storage::BatchTag& batch = tags_[next_tag_++];
  const ledger::Roots after = trees_->roots();
  if (batch.size_before != before_.size) return denied("its batch does not follow the one before");
  if (state_.node == nullptr) return malformed("no node_started entry names who wrote it");
  bool fits = false;
  for (auto secret = secrets_.ledger.all().rbegin();
       secret != secrets_.ledger.all().rend() && !fits; ++secret) {
    const Digest expected =
        ledger::batch_tag(secret->second.reveal(), secrets_.service_id,
                          {before_, after, state_.node->id, state_.node->boot_id});
    fits = equal_in_constant_time(expected, batch.tag);
  }
  if (!fits && !untagged_) {
    untagged_ = before_.size;
    untagged_end_ = after.size;
    untagged_error_ = {Code::denied,
                       "the batch tag that covers it is not of this service: somebody without its "
                       "secrets wrote it",
                       {}};
  }
  if (head_size_ == after.size) roots_at_head_ = after;
  before_ = after;
  return {};
}

Status Replay::check_head(const storage::Head& stored) {
  const auto refused = [&](const Error& error) {
    return denied(store_.describe() + ", signed head of " + std::to_string(stored.size) +
                      " entries: " + error.message,
                  "this store is not what the service wrote; put the right one in place, or "
                  "restore a backup");
  };
  if (!roots_at_head_) return refused({Code::denied, "no batch ends there", {}});
  const auto head = decode_head(stored.head);
  if (!head) return refused(head.error());
  if (const Status verified = verify_head(*head, *roots_at_head_, *state_.service); !verified)
    return refused(verified.error());
  return {};
}

}  // namespace

Result<State> replay(const storage::Store& store, const ServiceSecrets& secrets, Trees& trees) {
  Replay replay(store, secrets, trees.copy());
  VITRINE_TRY(State state, replay.run());
  if (state.service != nullptr && state.service->id != secrets.service_id) {
    return denied(store.describe() + ": is the ledger of another service than the sealed secrets'");
  }
  trees.publish(replay.take_trees());
  return state;
}

}  // namespace vitrine::core
