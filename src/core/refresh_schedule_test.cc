#include "core/refresh_schedule.h"

#include <gtest/gtest.h>

namespace vitrine::core {
namespace {

using std::chrono::seconds;
using Instant = RefreshSchedule::Instant;

constexpr std::string_view kA = "https://a.example", kB = "https://b.example";

// Always the same chance: 0 moves a time a tenth down, 255 nearly a tenth up, 128 not at all.
class FixedRandom final : public Random {
 public:
  void fill(std::span<Byte> out) override {
    std::fill(out.begin(), out.end(), Byte{0});
    out.front() = byte;
  }
  Byte byte = 128;
};

governance::State state_of(std::initializer_list<std::string_view> issuers) {
  governance::State state;
  for (const auto issuer : issuers) {
    governance::Issuer& set = state.issuers[std::string(issuer)];
    set.auto_refresh = true;
    set.ca_cert_bundle_name = "roots";
  }
  state.ca_cert_bundles["roots"] = "PEM";
  return state;
}

class RefreshScheduleTest : public testing::Test {
 protected:
  std::string next() { return schedule_.next(now_).value_or("none"); }

  FixedRandom random_;
  RefreshSchedule schedule_{seconds(1800), random_};
  Instant now_{seconds(1'000'000)};
};

TEST_F(RefreshScheduleTest, AsksAtOnceThenEveryInterval) {
  EXPECT_EQ(schedule_.take_up(state_of({kA}), now_).size(), 1U);
  EXPECT_EQ(next(), kA);
  EXPECT_EQ(next(), "none") << "it is under way";
  schedule_.succeeded(std::string(kA), now_);
  now_ += seconds(1799);
  EXPECT_EQ(next(), "none");
  now_ += seconds(1);
  EXPECT_EQ(next(), kA);
}

TEST_F(RefreshScheduleTest, IgnoresIssuersWhoseKeysAreGiven) {
  auto state = state_of({kA});
  state.issuers.begin()->second.auto_refresh = false;
  EXPECT_TRUE(schedule_.take_up(state, now_).empty());
  EXPECT_EQ(next(), "none");
}

TEST_F(RefreshScheduleTest, AsksLaterAfterEachFailureButNotLaterThanTheInterval) {
  schedule_.take_up(state_of({kA}), now_);
  for (const int wait : {10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800, 1800}) {
    EXPECT_EQ(next(), kA);
    schedule_.failed(std::string(kA), now_);
    now_ += seconds(wait) - seconds(1);
    EXPECT_EQ(next(), "none") << wait;
    now_ += seconds(1);
  }
  EXPECT_EQ(next(), kA);
  schedule_.succeeded(std::string(kA), now_);
  now_ += seconds(1800);
  EXPECT_EQ(next(), kA);
  schedule_.failed(std::string(kA), now_);
  now_ += seconds(10);
  EXPECT_EQ(next(), kA) << "a success begins anew";
}

TEST_F(RefreshScheduleTest, MovesEachTimeByChance) {
  schedule_.take_up(state_of({kA}), now_);
  random_.byte = 0;
  EXPECT_EQ(next(), kA);
  schedule_.succeeded(std::string(kA), now_);
  now_ += seconds(1619);
  EXPECT_EQ(next(), "none");
  now_ += seconds(1);
  EXPECT_EQ(next(), kA);
  random_.byte = 255;
  schedule_.succeeded(std::string(kA), now_);
  now_ += seconds(1978);
  EXPECT_EQ(next(), "none");
  now_ += seconds(1);
  EXPECT_EQ(next(), kA);
}

TEST_F(RefreshScheduleTest, AsksAtOnceWhereGovernanceChangesWhatIsAsked) {
  auto state = state_of({kA});
  schedule_.take_up(state, now_);
  EXPECT_EQ(next(), kA);
  schedule_.succeeded(std::string(kA), now_);
  schedule_.take_up(state, now_);
  EXPECT_EQ(next(), "none") << "nothing changed";
  state.ca_cert_bundles["roots"] = "another PEM";
  schedule_.take_up(state, now_);
  EXPECT_EQ(next(), kA);
  // Changed while it is asked: what comes of the old question plans nothing.
  state.issuers.begin()->second.ca_cert_bundle_name = "others";
  schedule_.take_up(state, now_);
  EXPECT_EQ(next(), "none") << "it is under way";
  schedule_.failed(std::string(kA), now_);
  EXPECT_EQ(next(), kA);
}

TEST_F(RefreshScheduleTest, TakesTheLongestWaitingFirstAndForgetsWhatIsRemoved) {
  schedule_.take_up(state_of({kB}), now_);
  schedule_.take_up(state_of({kA, kB}), now_ + seconds(1));
  now_ += seconds(2);
  EXPECT_EQ(next(), kB);
  EXPECT_EQ(next(), kA);
  EXPECT_EQ(next(), "none");
  schedule_.take_up(state_of({kA}), now_);
  schedule_.succeeded(std::string(kA), now_);
  schedule_.succeeded(std::string(kB), now_);
  now_ += seconds(1800);
  EXPECT_EQ(next(), kA);
  EXPECT_EQ(next(), "none");
}

}  // namespace
}  // namespace vitrine::core
