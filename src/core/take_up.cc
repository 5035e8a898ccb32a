#include "core/take_up.h"

#include "base/log.h"

namespace vitrine::core {

Result<std::unique_ptr<TakeUp>> TakeUp::begin(Core& core, RollbackGuard& guard,
                                              std::chrono::milliseconds retry) {
  std::unique_ptr<TakeUp> taking(new TakeUp(core, guard, retry));
  const Status taken = core.take_up(guard);
  if (taken) return taking;
  if (taken.error().code != Code::unavailable) return tl::unexpected(taken.error());
  log::warning("unconfirmed: reads alone are answered", {{"reason", taken.error().message}});
  taking->thread_ = std::thread([self = taking.get()] { self->run(); });
  return taking;
}

TakeUp::~TakeUp() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void TakeUp::run() {
  bool denied = false;
  while (true) {
    {
      const Lock lock(mutex_);
      if (!stopping_) changed_.wait_for(mutex_, retry_);
      if (stopping_) return;
    }
    const Status taken = core_.take_up(guard_);
    if (taken) {
      log::info("confirmed", {{"transaction", ledger::to_text(core_.view()->state.last_id())}});
      return;
    }
    // Said once: a guard may change its mind when the right store is put in place elsewhere.
    if (taken.error().code == Code::unavailable || denied) continue;
    denied = true;
    log::error("unconfirmed: the guard refuses this store", {{"reason", taken.error().message}});
  }
}

}  // namespace vitrine::core
