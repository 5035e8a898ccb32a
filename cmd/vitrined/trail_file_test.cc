#include "vitrined/trail_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <thread>
#include <vector>

#include "base/file.h"
#include "base/log.h"

namespace vitrine::vitrined {
namespace {

namespace fs = std::filesystem;

class TrailFileTest : public testing::Test {
 protected:
  TrailFileTest() {
    std::string name = (fs::temp_directory_path() / "trail-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
    log::set_sink_for_testing([this](std::string_view line) { said_.emplace_back(line); });
  }
  ~TrailFileTest() override {
    log::set_sink_for_testing({});
    fs::remove_all(folder_);
  }
  TrailSettings settings(std::uint64_t bytes = 1'000'000, unsigned files = 3) const {
    return {folder_ + "/trail", bytes, files};
  }
  std::string content(const std::string& suffix = "") const {
    const auto bytes = read_file(folder_ + "/trail" + suffix, 10'000'000);
    return bytes ? std::string(as_text(*bytes)) : std::string("none");
  }

  std::string folder_;
  std::vector<std::string> said_;
};

TEST_F(TrailFileTest, WritesALineAtATimeForItsOwnerAlone) {
  TrailFile trail(settings());
  EXPECT_TRUE(trail.append("one"));
  EXPECT_TRUE(trail.append("two"));
  EXPECT_EQ(content(), "one\ntwo\n");
  struct stat status {};
  ASSERT_EQ(::stat((folder_ + "/trail").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
}

TEST_F(TrailFileTest, GoesOnWhereAFormerProcessStoppedWithinALine) {
  ASSERT_TRUE(write_file_atomically(folder_ + "/trail", as_bytes("whole\nhal"), 0600));
  TrailFile trail(settings());
  EXPECT_TRUE(trail.append("next"));
  EXPECT_EQ(content(), "whole\nhal\nnext\n");
}

TEST_F(TrailFileTest, RotatesBeforeALineThatDoesNotFitAndKeepsSoMany) {
  TrailFile trail(settings(10, 3));
  for (const char* line : {"aaaa", "bbbb", "cccc", "dddd", "eeee", "ffff", "gggg"})
    EXPECT_TRUE(trail.append(line));
  EXPECT_EQ(content(), "gggg\n");
  EXPECT_EQ(content(".1"), "eeee\nffff\n");
  EXPECT_EQ(content(".2"), "cccc\ndddd\n");
  EXPECT_EQ(content(".3"), "none");
}

TEST_F(TrailFileTest, OneFileAloneIsBegunAnew) {
  TrailFile trail(settings(10, 1));
  for (const char* line : {"aaaa", "bbbb", "cccc"}) EXPECT_TRUE(trail.append(line));
  EXPECT_EQ(content(), "cccc\n");
  EXPECT_EQ(content(".1"), "none");
}

TEST_F(TrailFileTest, ALineLargerThanAFileHasOneOfItsOwn) {
  TrailFile trail(settings(4, 3));
  EXPECT_TRUE(trail.append("longer than four"));
  EXPECT_TRUE(trail.append("and this"));
  EXPECT_EQ(content(), "and this\n");
  EXPECT_EQ(content(".1"), "longer than four\n");
}

TEST_F(TrailFileTest, ReopensWhatSomebodyMovedAway) {
  TrailFile trail(settings());
  EXPECT_TRUE(trail.append("one"));
  fs::rename(folder_ + "/trail", folder_ + "/away");
  EXPECT_TRUE(trail.append("two"));  // still to the file that is open
  trail.reopen(settings());
  EXPECT_TRUE(trail.append("three"));
  EXPECT_EQ(content(), "three\n");
  EXPECT_EQ(as_text(*read_file(folder_ + "/away", 100)), "one\ntwo\n");
}

TEST_F(TrailFileTest, SaysOnceThatItCanNotWriteAndGoesOn) {
  TrailSettings nowhere = settings();
  nowhere.path = folder_ + "/missing/trail";
  TrailFile trail(nowhere);
  EXPECT_FALSE(trail.append("one"));
  EXPECT_FALSE(trail.append("two"));
  ASSERT_EQ(said_.size(), 1U);
  EXPECT_NE(said_[0].find("event=\"the audit trail is not written\""), std::string::npos);
  EXPECT_NE(said_[0].find("reason=\"No such file or directory\""), std::string::npos);
  fs::create_directory(folder_ + "/missing");
  EXPECT_TRUE(trail.append("three"));
  ASSERT_EQ(said_.size(), 2U);
  EXPECT_NE(said_[1].find("written again"), std::string::npos);
  EXPECT_EQ(as_text(*read_file(nowhere.path, 100)), "three\n");
}

TEST_F(TrailFileTest, TakesBackWhatAFullDiskLeftOfALine) {
  // A bound on the size of files stands for the disk: a write beyond it is cut short.
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  TrailFile trail(settings());
  EXPECT_TRUE(trail.append("one"));
  rlimit small = before;
  small.rlim_cur = 6;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const bool written = trail.append("much too long");
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_FALSE(written);
  EXPECT_EQ(content(), "one\n");
  EXPECT_TRUE(trail.append("two"));
  EXPECT_EQ(content(), "one\ntwo\n");
}

TEST_F(TrailFileTest, FollowsNoLink) {
  ASSERT_TRUE(write_file_atomically(folder_ + "/other", as_bytes("mine"), 0600));
  fs::create_symlink(folder_ + "/other", folder_ + "/trail");
  TrailFile trail(settings());
  EXPECT_FALSE(trail.append("one"));
  EXPECT_EQ(as_text(*read_file(folder_ + "/other", 100)), "mine");
}

TEST_F(TrailFileTest, WithoutAPathThereIsNoTrail) {
  TrailSettings off = settings();
  off.path.clear();
  TrailFile trail(off);
  EXPECT_TRUE(trail.append("one"));
  EXPECT_TRUE(fs::is_empty(folder_));
}

TEST_F(TrailFileTest, LosesNoLineToRotationWhileManyWrite) {
  constexpr int kThreads = 4, kLines = 500;
  TrailFile trail(settings(4096, 64));
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&trail, t] {
      for (int i = 0; i < kLines; ++i)
        trail.append("line " + std::to_string(t) + "." + std::to_string(i));
    });
  }
  for (auto& thread : threads) thread.join();
  std::size_t lines = 0;
  for (const auto& file : fs::directory_iterator(folder_)) {
    const auto bytes = read_file(file.path().string(), 10'000);
    ASSERT_TRUE(bytes);
    EXPECT_LE(bytes->size(), 4096U);
    for (const Byte byte : *bytes) lines += byte == '\n' ? 1 : 0;
  }
  EXPECT_EQ(lines, std::size_t{kThreads * kLines});
}

}  // namespace
}  // namespace vitrine::vitrined
