#include "cli/input.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"

namespace vitrine::cli {
namespace {

class Input : public ::testing::Test {
 protected:
  Input() {
    std::string name = ::testing::TempDir() + "inputXXXXXX";
    folder_ = ::mkdtemp(name.data());
  }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string write(const std::string& name, std::string_view text) const {
    EXPECT_TRUE(write_public(path(name), as_bytes(text)));
    return path(name);
  }

 private:
  std::string folder_;
};

unsigned mode_of(const std::string& path) {
  struct stat status {};
  EXPECT_EQ(::stat(path.c_str(), &status), 0);
  return status.st_mode & 0777;
}

TEST_F(Input, WritesPrivateFilesForTheirOwnerAlone) {
  EXPECT_EQ(mode_of(write("public", "a")), 0644u);
  ASSERT_TRUE(write_private(path("public"), as_bytes("b")));
  EXPECT_EQ(mode_of(path("public")), 0600u);
  EXPECT_EQ(*read_text(path("public")), "b");
  EXPECT_TRUE(write_private("/dev/null", as_bytes("b")));
}

TEST_F(Input, ReadsSecretsOfAnySizeUpToItsBound) {
  const std::string text(10'000, 'x');
  const auto secret = read_secret(write("secret", text), 10'000);
  ASSERT_TRUE(secret) << secret.error().message;
  EXPECT_EQ(as_text(secret->reveal()), text);
  const auto larger = read_secret(path("secret"), 9'999);
  ASSERT_FALSE(larger);
  EXPECT_EQ(larger.error().message, "read " + path("secret") + ": larger than 9999 bytes");
  EXPECT_EQ(read_secret(write("empty", ""))->size(), 0u);
}

TEST_F(Input, ReadsATokenWithoutItsNewline) {
  EXPECT_EQ(as_text(read_token(write("token", " a.b.c\n"))->reveal()), "a.b.c");
  EXPECT_EQ(read_token(write("blank", " \n")).error().message,
            "token: " + path("blank") + " is empty");
  EXPECT_EQ(read_token(write("two", "a.b\nc")).error().message,
            "token: " + path("two") + " is not one line of ASCII");
}

TEST_F(Input, NamesTheFileThatIsNotJson) {
  EXPECT_EQ(read_json(write("bad", "{")).error().message.find(path("bad") + ": "), 0u);
  EXPECT_EQ(read_json(path("none")).error().code, Code::not_found);
}

}  // namespace
}  // namespace vitrine::cli
