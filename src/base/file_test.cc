#include "base/file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>

namespace vitrine {
namespace {

class File : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/vitrine-file-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  static mode_t mode_of(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0);
    return status.st_mode & 07777;
  }
  std::size_t files_in_folder() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
      count += entry.path().empty() ? 0 : 1;
    }
    return count;
  }

  std::string folder_;
};

TEST_F(File, ReadsWhatWasWritten) {
  const Bytes content(200'000, 0x5a);
  ASSERT_TRUE(write_file_atomically(path("a"), content, 0640));
  EXPECT_EQ(read_file(path("a"), 200'000).value(), content);
  EXPECT_EQ(mode_of(path("a")), 0640U);
  EXPECT_TRUE(exists(path("a")));
  EXPECT_FALSE(exists(path("b")));
  ASSERT_TRUE(write_file_atomically(path("empty"), {}, 0600));
  EXPECT_TRUE(read_file(path("empty"), 0).value().empty());
}

TEST_F(File, RefusesAFileOfOneByteTooMany) {
  ASSERT_TRUE(write_file_atomically(path("a"), as_bytes("12345"), 0600));
  EXPECT_TRUE(read_file(path("a"), 5));
  const auto refused = read_file(path("a"), 4);
  EXPECT_EQ(refused.error().code, Code::malformed);
  EXPECT_EQ(refused.error().message, "read " + path("a") + ": larger than 4 bytes");
  EXPECT_EQ(read_secret_file(path("a"), 4).error().message, refused.error().message);
  EXPECT_TRUE(read_file(path("a"), static_cast<std::size_t>(-1)));
}

TEST_F(File, SaysWhatTheSystemAnswered) {
  const auto absent = read_file(path("none"), 10);
  EXPECT_EQ(absent.error().code, Code::not_found);
  EXPECT_EQ(absent.error().message, "read " + path("none") + ": No such file or directory");
  EXPECT_EQ(read_file(folder_, 10).error().message, "read " + folder_ + ": Is a directory");
  EXPECT_EQ(write_file_atomically(path("no/file"), {}, 0600).error().code, Code::not_found);
}

TEST_F(File, ReplacesTheWholeFileAndLeavesNothingElse) {
  ASSERT_TRUE(write_file_atomically(path("a"), as_bytes("longer than before"), 0600));
  ASSERT_TRUE(write_file_atomically(path("a"), as_bytes("short"), 0644));
  EXPECT_EQ(to_text(read_file(path("a"), 100).value()), "short");
  EXPECT_EQ(mode_of(path("a")), 0644U);
  EXPECT_EQ(files_in_folder(), 1U);
}

TEST_F(File, LeavesNoTemporaryFileWhenTheRenameFails) {
  std::filesystem::create_directory(path("folder"));
  EXPECT_FALSE(write_file_atomically(path("folder"), as_bytes("x"), 0600));
  EXPECT_EQ(files_in_folder(), 1U);
}

TEST_F(File, ReadsASecretThatOnlyItsOwnerCanReach) {
  for (const mode_t mode : {0600, 0400}) {
    ASSERT_TRUE(write_file_atomically(path("s"), as_bytes("secret"), mode));
    EXPECT_EQ(as_text(read_secret_file(path("s"), 100).value().reveal()), "secret");
  }
}

TEST_F(File, RefusesASecretThatOthersCanReach) {
  for (const mode_t mode : {0640, 0604, 0700, 0660}) {
    ASSERT_TRUE(write_file_atomically(path("s"), as_bytes("secret"), mode));
    EXPECT_EQ(read_secret_file(path("s"), 100).error().code, Code::denied) << mode;
  }
  ASSERT_TRUE(write_file_atomically(path("s"), as_bytes("secret"), 0644));
  const auto refused = read_secret_file(path("s"), 100);
  EXPECT_EQ(refused.error().message,
            "read " + path("s") + ": it holds a secret, and its mode is 0644");
  EXPECT_EQ(refused.error().hint, "chmod 600 " + path("s"));
}

TEST_F(File, RefusesASecretThatIsNotARegularFile) {
  EXPECT_EQ(read_secret_file("/dev/null", 10).error().message,
            "read /dev/null: not a regular file");
}

}  // namespace
}  // namespace vitrine
