#include "attestation/collect/uvm_context.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/base64.h"
#include "base/file.h"

namespace vitrine::attestation::collect {
namespace {

constexpr std::string_view kChain = R"({"vcekCert":"a","certificateChain":"b","tcbm":"0123"})";

class UvmContext : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "vitrine-uvm-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    put("host-amd-cert-base64", to_base64(as_bytes(kChain)) + "\n");
    put("reference-info-base64", to_base64(as_bytes("endorsement")) + "\n");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  void put(const std::string& name, std::string_view text) {
    ASSERT_TRUE(write_file_atomically(folder_ + "/" + name, as_bytes(text), 0600));
  }
  std::string refusal() const {
    const auto read = read_uvm_context(folder_);
    return read ? "accepted" : read.error().message;
  }
  std::string folder_;
};

}  // namespace

TEST_F(UvmContext, GivesAllButTheReport) {
  const auto read = read_uvm_context(folder_);
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->endorsements, kChain);
  EXPECT_EQ(read->endorsed_tcb, "0123");
  EXPECT_EQ(as_text(read->uvm_endorsements), "endorsement");
  EXPECT_TRUE(read->report.empty());
}

TEST_F(UvmContext, NamesTheFileThatIsMissingOrBroken) {
  put("host-amd-cert-base64", "no base64!");
  EXPECT_EQ(refusal(), folder_ + "/host-amd-cert-base64: is not base64");
  for (const std::string_view text : {"[]", "{}", R"({"tcbm":1})", "no JSON"}) {
    put("host-amd-cert-base64", to_base64(as_bytes(text)));
    EXPECT_EQ(refusal(), folder_ + "/host-amd-cert-base64: has no text tcbm") << text;
  }
  put("host-amd-cert-base64", to_base64(as_bytes(kChain)));
  ASSERT_TRUE(std::filesystem::remove(folder_ + "/reference-info-base64"));
  const auto read = read_uvm_context(folder_);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::not_found);
  EXPECT_NE(read.error().message.find("reference-info-base64"), std::string::npos);
}

}  // namespace vitrine::attestation::collect
