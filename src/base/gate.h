// Lets at most so many threads at once do what costs a processor; others wait their turn. More at
// once would do no more in the same time, and would keep the threads that serve everybody else from
// the processor. Safe from any thread.
#pragma once

#include "base/mutex.h"

namespace vitrine {

class Gate {
 public:
  explicit Gate(unsigned places) : free_(places == 0 ? 1 : places) {}
  Gate(const Gate&) = delete;
  Gate& operator=(const Gate&) = delete;

  // A place inside, for as long as it lives.
  class Place {
   public:
    explicit Place(Gate& gate) : gate_(gate) { gate_.enter(); }
    ~Place() { gate_.leave(); }
    Place(const Place&) = delete;
    Place& operator=(const Place&) = delete;

   private:
    Gate& gate_;
  };

 private:
  void enter() {
    const Lock lock(mutex_);
    while (free_ == 0) changed_.wait(mutex_);
    --free_;
  }
  void leave() {
    {
      const Lock lock(mutex_);
      ++free_;
    }
    changed_.notify_one();
  }

  Mutex mutex_;
  Condition changed_;
  unsigned free_ VITRINE_GUARDED_BY(mutex_);
};

}  // namespace vitrine
