#include "base/gate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <thread>
#include <vector>

namespace vitrine {
namespace {

TEST(Gate, LetsNoMoreInThanItHasPlaces) {
  Gate gate(2);
  std::atomic<int> inside{0}, most{0}, done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      for (int turn = 0; turn < 200; ++turn) {
        const Gate::Place place(gate);
        const int now = ++inside;
        int seen = most.load();
        while (seen < now && !most.compare_exchange_weak(seen, now)) {
        }
        std::this_thread::yield();
        --inside;
        ++done;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(done, 1600) << "everyone gets a turn";
  EXPECT_GE(most, 1);
  EXPECT_LE(most, 2);
}

TEST(Gate, OfNoPlaceHasOne) {
  Gate gate(0);
  const Gate::Place place(gate);
}

}  // namespace
}  // namespace vitrine
