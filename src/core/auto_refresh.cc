#include "core/auto_refresh.h"

#include "base/log.h"

namespace vitrine::core {
namespace {

constexpr std::chrono::milliseconds kLookEvery{500};

}  // namespace

AutoRefresh::AutoRefresh(Core& core, IssuerSource& source, std::chrono::seconds interval)
    : core_(core), source_(source), schedule_(interval, core.random()) {
  for (unsigned i = 0; i < kThreads; ++i) threads_.emplace_back([this] { run(); });
}

AutoRefresh::~AutoRefresh() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  source_.stop();
  for (std::thread& thread : threads_) thread.join();
}

void AutoRefresh::run() {
  while (true) {
    const auto issuer = next();
    if (issuer) {
      refresh(*issuer);
      continue;
    }
    const Lock lock(mutex_);
    if (!stopping_) changed_.wait_for(mutex_, kLookEvery);
    if (stopping_) return;
  }
}

// None while the node is unconfirmed: it appends nothing.
std::optional<std::string> AutoRefresh::next() {
  if (!core_.confirmed()) return std::nullopt;
  const auto governance = core_.view()->state.governance;
  const auto now = std::chrono::steady_clock::now();
  const Lock lock(mutex_);
  if (stopping_) return std::nullopt;
  if (governance != taken_up_) {
    core_.issuer_refreshes().keep_only(schedule_.take_up(*governance, now));
    taken_up_ = governance;
  }
  return schedule_.next(now);
}

void AutoRefresh::refresh(const std::string& issuer) {
  const auto refreshed = refresh_issuer(core_, source_, issuer);
  const Lock lock(mutex_);
  if (stopping_) return;
  const auto now = std::chrono::steady_clock::now();
  IssuerRefreshes& refreshes = core_.issuer_refreshes();
  if (refreshed) {
    schedule_.succeeded(issuer, now);
    const auto heard = refreshes.succeeded(issuer, refreshed->entry.has_value(), core_.now());
    if (refreshed->entry) {
      log::info("issuer keys changed", {{"issuer", issuer},
                                        {"keys", std::to_string(refreshed->keys)},
                                        {"transaction", ledger::to_text(*refreshed->entry)}});
    } else if (heard == IssuerRefreshes::Heard::news) {
      log::info("issuer keys fetched again", {{"issuer", issuer}});
    }
    return;
  }
  schedule_.failed(issuer, now);
  // Removed, or no more to be fetched, since it was due.
  if (refreshed.error().code == Code::not_found) return;
  if (refreshes.failed(issuer, refreshed.error().message, core_.now()) ==
      IssuerRefreshes::Heard::news) {
    log::warning("issuer keys not fetched", {{"issuer", issuer},
                                             {"reason", refreshed.error().message},
                                             {"hint", refreshed.error().hint}});
  }
}

}  // namespace vitrine::core
