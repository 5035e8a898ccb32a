#include "vitrined/file_seal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

namespace vitrine::vitrined {
namespace {

class FileSealTest : public testing::Test {
 protected:
  FileSealTest()
      : path_(testing::TempDir() + "vitrine-seal-" + std::to_string(getpid())), seal_(path_) {}
  ~FileSealTest() override { unlink(path_.c_str()); }
  void put(std::string_view text) {
    ASSERT_TRUE(write_file_atomically(path_, as_bytes(text), 0600));
  }

  std::string path_;
  FileSeal seal_;
  SystemRandom random_;
};

TEST_F(FileSealTest, MakesAKeyOnceAndKeepsIt) {
  ASSERT_TRUE(seal_.make(random_));
  struct stat found {};
  ASSERT_EQ(stat(path_.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0600u);
  const auto first = seal_.open({});
  ASSERT_TRUE(first);
  EXPECT_EQ(first->size(), 32u);
  ASSERT_TRUE(seal_.make(random_));
  EXPECT_TRUE(equal_in_constant_time(first->reveal(), seal_.open({})->reveal()));
}

TEST_F(FileSealTest, ReadsHexAndNothingElse) {
  put(std::string(63, '0') + "f\n");
  EXPECT_EQ(seal_.open({})->reveal()[31], 0x0f);
  for (const std::string& wrong :
       {std::string(64, '0'), std::string(63, '0') + "\n", std::string(65, '0') + "\n",
        std::string(63, '0') + "F\n", std::string(63, '0') + "g\n", std::string()}) {
    put(wrong);
    EXPECT_FALSE(seal_.open({})) << wrong;
    EXPECT_FALSE(seal_.make(random_)) << "what is there is never overwritten: " << wrong;
  }
}

TEST_F(FileSealTest, RefusesAFileThatOthersCanRead) {
  ASSERT_TRUE(seal_.make(random_));
  for (const mode_t mode : {0640u, 0604u, 0620u, 0660u}) {
    ASSERT_EQ(chmod(path_.c_str(), mode), 0);
    const auto key = seal_.open({});
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().code, Code::denied);
    EXPECT_FALSE(key.error().hint.empty());
  }
}

TEST_F(FileSealTest, SaysWhichFileIsMissing) {
  const auto key = seal_.open({});
  ASSERT_FALSE(key);
  EXPECT_NE(key.error().message.find(path_), std::string::npos);
}

}  // namespace
}  // namespace vitrine::vitrined
