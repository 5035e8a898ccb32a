#include "base/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace vitrine::log {
namespace {

class Log : public testing::Test {
 protected:
  void SetUp() override {
    set_sink_for_testing([this](std::string_view line) { lines_.emplace_back(line); });
  }
  void TearDown() override {
    set_sink_for_testing({});
    set_level(Level::info);
  }
  // Without the time, which has a fixed width.
  std::string written() const { return lines_.at(0).substr(25); }

  std::vector<std::string> lines_;
};

TEST_F(Log, WritesTimeLevelEventAndFields) {
  warning("release refused", {{"key", "model-a"}, {"reason", "no policy"}});
  ASSERT_EQ(lines_.size(), 1U);
  EXPECT_THAT(lines_[0],
              testing::MatchesRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
                                    "\\.[0-9]{3}Z warning .*"));
  EXPECT_EQ(written(), "warning event=\"release refused\" key=\"model-a\" reason=\"no policy\"");
}

TEST_F(Log, AddsTheContextOfTheThreadToEachLine) {
  {
    const Context outer("request", "r\"1");
    {
      const Context inner("request", "r2");
      info("e", {{"v", "1"}});
    }
    info("e");
    std::thread([] { info("elsewhere"); }).join();
  }
  info("after");
  ASSERT_EQ(lines_.size(), 4U);
  EXPECT_EQ(lines_[0].substr(25), R"(info event="e" v="1" request="r2")");
  EXPECT_EQ(lines_[1].substr(25), R"(info event="e" request="r\"1")");
  EXPECT_EQ(lines_[2].substr(25), R"(info event="elsewhere")");
  EXPECT_EQ(lines_[3].substr(25), R"(info event="after")");
}

TEST_F(Log, EscapesWhatCouldForgeALineOrAField) {
  info("e", {{"v", "a\" forged=\"b\\\n\r\t\x1b\x7f"}});
  EXPECT_EQ(written(), R"(info event="e" v="a\" forged=\"b\\\n\x0d\x09\x1b\x7f")");
}

TEST_F(Log, KeepsUtf8AndEscapesOtherBytes) {
  info("e", {{"v", "caf\xc3\xa9 \xff \xc3"}});
  EXPECT_EQ(written(), "info event=\"e\" v=\"caf\xc3\xa9 \\xff \\xc3\"");
}

TEST_F(Log, EscapesUnicodeLineEnds) {
  info("e", {{"v", "\xc2\x85|\xe2\x80\xa8|\xe2\x80\xa9|\xc2\xa0"}});
  EXPECT_EQ(written(),
            "info event=\"e\" v=\"\\xc2\\x85|\\xe2\\x80\\xa8|\\xe2\\x80\\xa9|\xc2\xa0\"");
}

TEST_F(Log, WritesNothingBelowItsLevel) {
  debug("not shown");
  EXPECT_FALSE(enabled(Level::debug));
  set_level(Level::error);
  warning("not shown either");
  EXPECT_TRUE(lines_.empty());
  error("shown");
  set_level(Level::debug);
  debug("shown too");
  EXPECT_EQ(lines_.size(), 2U);
}

TEST(LogToStandardError, EndsEachLine) {
  testing::internal::CaptureStderr();
  error("disk full", {{"path", "100%"}});
  const std::string out = testing::internal::GetCapturedStderr();
  ASSERT_GT(out.size(), 25U);
  EXPECT_EQ(out.substr(25), "error event=\"disk full\" path=\"100%\"\n");
}

}  // namespace
}  // namespace vitrine::log
