#include "core/upkeep.h"

#include <optional>
#include <utility>

#include "base/log.h"
#include "core/duties.h"
#include "core/govern.h"
#include "core/history_check.h"
#include "core/snapshot.h"

namespace vitrine::core {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kLookEvery{200};
constexpr milliseconds kAfterFailure{30'000};
constexpr std::chrono::seconds kLookAtHeadEvery{1};
constexpr std::size_t kSnapshotsKept = 2;
// About a quarter of one core: a start must not slow down the service it begins.
constexpr std::uint64_t kEntriesAtOnce = 256;
constexpr milliseconds kBetweenPortions{5};

Status remove_old(NodeFiles& files) {
  VITRINE_TRY(const auto sizes, files.snapshots());
  for (std::size_t i = kSnapshotsKept; i < sizes.size(); ++i)
    VITRINE_CHECK(files.remove_snapshot(sizes[i]));
  return {};
}

}  // namespace

Status take_snapshot(Core& core) {
  const auto view = core.view();
  const SealedSnapshot snapshot = seal_snapshot(*view, *core.secrets(), core.random());
  VITRINE_CHECK(core.files().put_snapshot(snapshot.entry.size, snapshot.sealed));
  const auto named = core.append([&snapshot](const State&, Time) -> Result<Draft> {
    return Draft{ledger::Kind::snapshot_taken, ledger::encode(snapshot.entry), {}, {}, {}};
  });
  if (!named) return tl::unexpected(named.error());
  log::info("snapshot taken", {{"file", core.files().describe_snapshot(snapshot.entry.size)},
                               {"bytes", std::to_string(snapshot.sealed.size())},
                               {"transaction", ledger::to_text(named->id)}});
  return remove_old(core.files());
}

Upkeep::Upkeep(Core& core, const UpkeepOptions& options)
    : core_(core),
      options_(options),
      snapshot_size_(options.folded_from.size),
      thread_([this] { run(); }) {}

Upkeep::~Upkeep() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

bool Upkeep::wait(milliseconds time) {
  const Lock lock(mutex_);
  if (!stopping_) changed_.wait_for(mutex_, time);
  return !stopping_;
}

void Upkeep::snapshot_if_due() {
  const std::uint64_t size = core_.view()->state.size;
  if (options_.snapshot_entries == 0 || !core_.confirmed() ||
      size - snapshot_size_ < options_.snapshot_entries) {
    return;
  }
  if (const Status taken = take_snapshot(core_); taken) {
    snapshot_size_ = size;
  } else {
    log::warning("snapshot failed", {{"reason", taken.error().message}});
    wait(kAfterFailure);
  }
}

void Upkeep::apply_waited_if_due() {
  if (const Status applied = apply_due_proposals(core_); !applied) {
    log::warning("a proposal whose waiting time is over did not apply",
                 {{"reason", applied.error().message}});
    wait(kAfterFailure);
  }
}

// What a vote demanded and was not done at once: the process stopped, or the disk was full.
void Upkeep::discharge_if_due() {
  if (!core_.confirmed() || core_.view()->state.proceedings->duties.empty()) return;
  const auto now = std::chrono::steady_clock::now();
  if (now < discharge_after_) return;
  if (!discharge_duties(core_)) discharge_after_ = now + kAfterFailure;
}

// While entries are appended their batches carry heads to the store.
void Upkeep::store_head_if_due() {
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_at_head_ < kLookAtHeadEvery) return;
  looked_at_head_ = now;
  const auto view = core_.view();
  const std::uint64_t size = view->head.root.roots.size;
  const bool paused = size == std::exchange(head_size_, size);
  if (!paused || size == head_stored_) return;
  const Status stored = core_.put_head(view->head);
  if (stored) {
    head_stored_ = size;
  } else {
    log::warning("head not stored", {{"reason", stored.error().message}});
    wait(kAfterFailure);
  }
}

void Upkeep::run() {
  std::optional<HistoryCheck> check;
  if (options_.folded_from.size > 0)
    check.emplace(core_.store(), core_.tiles(), options_.folded_from);
  while (wait(check ? kBetweenPortions : kLookEvery)) {
    apply_waited_if_due();
    discharge_if_due();
    snapshot_if_due();
    store_head_if_due();
    if (!check) continue;
    if (const Status read = check->read_more(kEntriesAtOnce); !read) {
      log::error("the ledger was changed",
                 {{"reason", read.error().message},
                  {"hint", "nothing more is appended; restore a backup"}});
      core_.sequencer().stop_for({Code::unavailable, "append: " + read.error().message,
                                  "restore the store from a backup"});
      check.reset();
    } else if (check->done()) {
      auto damaged = check->take_damaged_tiles();
      log::info("older entries checked", {{"entries", std::to_string(options_.folded_from.size)},
                                          {"tiles_repaired", std::to_string(damaged.size())}});
      core_.sequencer().repair(std::move(damaged));
      check.reset();
    }
  }
}

}  // namespace vitrine::core
