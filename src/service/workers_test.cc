#include "service/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace vitrine::service {
namespace {

TEST(Workers, RunWhatIsPostedBeforeTheyStop) {
  std::atomic<int> ran{0};
  Workers workers(3, 1000);
  for (int i = 0; i < 500; ++i) EXPECT_TRUE(workers.post([&] { ++ran; }));
  workers.stop();
  EXPECT_EQ(ran, 500);
  EXPECT_FALSE(workers.post([&] { ++ran; })) << "after the stop nothing is taken";
  EXPECT_EQ(ran, 500);
}

TEST(Workers, RefuseWhatDoesNotFitTheQueue) {
  Workers workers(1, 2);
  std::promise<void> started, release;
  ASSERT_TRUE(workers.post([&] {
    started.set_value();
    release.get_future().wait();
  }));
  started.get_future().wait();
  EXPECT_TRUE(workers.post([] {}));
  EXPECT_TRUE(workers.post([] {}));
  EXPECT_FALSE(workers.post([] {}));
  release.set_value();
  workers.stop();
}

}  // namespace
}  // namespace vitrine::service
