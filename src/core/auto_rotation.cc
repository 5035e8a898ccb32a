#include "core/auto_rotation.h"

#include "base/log.h"
#include "core/rotate_key.h"

namespace vitrine::core {
namespace {

constexpr std::chrono::seconds kLookEvery{1};
constexpr std::chrono::seconds kAfterFailure{30};

}  // namespace

AutoRotation::AutoRotation(Core& core) : core_(core), thread_([this] { run(); }) {}

AutoRotation::~AutoRotation() {
  {
    const Lock lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void AutoRotation::run() {
  auto wait = kLookEvery;
  while (true) {
    {
      const Lock lock(mutex_);
      if (!stopping_) changed_.wait_for(mutex_, wait);
      if (stopping_) return;
    }
    const auto rotated = rotate_if_due(core_);
    wait = rotated ? kLookEvery : kAfterFailure;
    if (!rotated) log::warning("automatic rotation failed", {{"reason", rotated.error().message}});
  }
}

}  // namespace vitrine::core
