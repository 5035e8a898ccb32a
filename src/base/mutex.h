// A mutex that clang's thread-safety analysis understands.
#pragma once

#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define VITRINE_TS(x) __attribute__((x))
#else
#define VITRINE_TS(x)
#endif
#define VITRINE_CAPABILITY(x) VITRINE_TS(capability(x))
#define VITRINE_GUARDED_BY(x) VITRINE_TS(guarded_by(x))
#define VITRINE_REQUIRES(...) VITRINE_TS(requires_capability(__VA_ARGS__))
#define VITRINE_ACQUIRE(...) VITRINE_TS(acquire_capability(__VA_ARGS__))
#define VITRINE_RELEASE(...) VITRINE_TS(release_capability(__VA_ARGS__))
#define VITRINE_SCOPED VITRINE_TS(scoped_lockable)

namespace vitrine {

class VITRINE_CAPABILITY("mutex") Mutex {
 public:
  void lock() VITRINE_ACQUIRE() { mutex_.lock(); }
  void unlock() VITRINE_RELEASE() { mutex_.unlock(); }

 private:
  std::mutex mutex_;
};

class VITRINE_SCOPED Lock {
 public:
  explicit Lock(Mutex& mutex) VITRINE_ACQUIRE(mutex) : mutex_(mutex) { mutex_.lock(); }
  ~Lock() VITRINE_RELEASE() { mutex_.unlock(); }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;

 private:
  Mutex& mutex_;
};

// Waits on a Mutex that the caller holds.
using Condition = std::condition_variable_any;

}  // namespace vitrine
