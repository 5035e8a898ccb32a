#include "service/workers.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace vitrine::service {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Workers::Limits limits(unsigned threads, std::size_t queue_max = 1000) {
  Workers::Limits limits;
  limits.threads = threads;
  limits.queue_max = queue_max;
  return limits;
}

// A worker that is busy until it is let go.
class Held {
 public:
  explicit Held(Workers& workers) {
    EXPECT_FALSE(workers.post({[this] {
                                 started_.set_value();
                                 go_.get_future().wait();
                               },
                               {}}));
    started_.get_future().wait();
  }
  void let_go() { go_.set_value(); }

 private:
  std::promise<void> started_, go_;
};

// A clock that the test moves, and jobs may as well.
class FakeClock {
 public:
  std::function<Workers::TimePoint()> source() {
    return [this] { return Workers::TimePoint(milliseconds(ms_.load())); };
  }
  void advance(milliseconds by) { ms_ += by.count(); }

 private:
  std::atomic<std::int64_t> ms_{1'000'000};
};

TEST(Workers, RunWhatIsPostedBeforeTheyStop) {
  std::atomic<int> ran{0};
  Workers workers(limits(3));
  for (int i = 0; i < 500; ++i) EXPECT_FALSE(workers.post({[&] { ++ran; }, {}}));
  workers.stop();
  EXPECT_EQ(ran, 500);
  EXPECT_EQ(workers.post({[&] { ++ran; }, {}}), seconds(1)) << "after the stop nothing is taken";
  EXPECT_EQ(ran, 500);
}

TEST(Workers, RefuseWhatDoesNotFitTheQueue) {
  Workers workers(limits(1, 2));
  Held held(workers);
  EXPECT_FALSE(workers.post({[] {}, {}}));
  EXPECT_FALSE(workers.post({[] {}, {}}));
  EXPECT_EQ(workers.post({[] {}, {}}), seconds(1));
  EXPECT_EQ(workers.waiting(), 2U);
  held.let_go();
  workers.stop();
}

// One thread whose jobs take a second each by the test's clock: of 2.5 s that a job may wait, the
// third behind the one at work is too late.
TEST(Workers, RefuseWhatWouldWaitTooLongAndSayForHowLong) {
  FakeClock clock;
  Workers::Limits patient = limits(1);
  patient.wait_max = milliseconds(2500);
  Workers workers(patient, clock.source());
  for (int i = 0; i < 100; ++i) {
    ASSERT_FALSE(workers.post({[&] { clock.advance(milliseconds(1000)); }, {}}));
    while (workers.idle() == 0 || workers.waiting() != 0) std::this_thread::yield();
  }
  Held held(workers);
  EXPECT_FALSE(workers.post({[] {}, {}}));
  EXPECT_FALSE(workers.post({[] {}, {}}));
  EXPECT_EQ(workers.post({[] {}, {}}), seconds(3));
  workers.set_wait_max(milliseconds(3500));
  EXPECT_FALSE(workers.post({[] {}, {}})) << "a longer wait is allowed now";
  EXPECT_EQ(workers.post({[] {}, {}}), seconds(4));
  held.let_go();
  workers.stop();
}

// A disk that stalls ends no job, so that nothing is known of how long they take.
TEST(Workers, RefuseWhileTheOldestHasWaitedTooLong) {
  FakeClock clock;
  Workers workers(limits(1), clock.source());
  Held held(workers);
  EXPECT_FALSE(workers.post({[] {}, {}}));
  clock.advance(milliseconds(1000));
  EXPECT_FALSE(workers.post({[] {}, {}}));
  clock.advance(milliseconds(1));
  EXPECT_EQ(workers.post({[] {}, {}}), seconds(2));
  held.let_go();
  workers.stop();
}

TEST(Workers, DropWhatWaitedTooLongBeforeItStarts) {
  FakeClock clock;
  Workers workers(limits(1), clock.source());
  Held held(workers);
  bool ran = false;
  std::promise<seconds> dropped;
  EXPECT_FALSE(workers.post(
      {[&] { ran = true; }, [&](seconds retry_after) { dropped.set_value(retry_after); }}));
  clock.advance(milliseconds(3001));
  held.let_go();
  EXPECT_EQ(dropped.get_future().get(), seconds(1));
  std::promise<void> in_time;
  EXPECT_FALSE(workers.post({[&] { in_time.set_value(); }, {}}));
  in_time.get_future().wait();
  EXPECT_FALSE(ran);
  workers.stop();
}

TEST(Workers, RunWhatWaitedJustNotTooLong) {
  FakeClock clock;
  Workers workers(limits(1), clock.source());
  Held held(workers);
  std::promise<void> ran;
  EXPECT_FALSE(workers.post({[&] { ran.set_value(); }, {}}));
  clock.advance(milliseconds(3000));
  held.let_go();
  ran.get_future().wait();
  workers.stop();
}

}  // namespace
}  // namespace vitrine::service
