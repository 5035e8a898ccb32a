// Against SoftHSM, a token in software by others.
#include "seals/pkcs11/pkcs11_seal.h"

#include "seals/objects.h"
#include "seals/programs_for_testing.h"

namespace vitrine::seals {
namespace {

// The module reads its configuration once in a process: so one folder for all of these tests.
class SoftHsm {
 public:
  SoftHsm() {
    folder_.write("softhsm2.conf", "directories.tokendir = " + folder_.folder("tokens") +
                                       "\nobjectstore.backend = file\nlog.level = ERROR\n");
    setenv("SOFTHSM2_CONF", folder_.file("softhsm2.conf").c_str(), 1);
    add("vitrine");
    add("another");
  }
  const TestFolder& folder() const { return folder_; }

 private:
  void add(const std::string& label) const {
    EXPECT_EQ(run_for_testing({"softhsm2-util", "--init-token", "--free", "--label", label,
                               "--so-pin", "87654321", "--pin", "123456"},
                              folder_),
              0);
  }
  TestFolder folder_;
};

class Pkcs11SealTest : public testing::Test {
 protected:
  Pkcs11SealTest() { pin_ = hsm().folder().write("pin", "123456\n"); }
  static const SoftHsm& hsm() {
    static const SoftHsm softhsm;
    return softhsm;
  }
  Pkcs11Seal seal(const std::string& token = "vitrine") {
    return Pkcs11Seal({"/usr/lib/softhsm/libsofthsm2.so", token, pin_});
  }

  std::string pin_;
  SystemRandom random_;
};

TEST_F(Pkcs11SealTest, GivesTheKeyAgain) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made) << made.error().message << made.error().hint;
  EXPECT_EQ(made->kind, "pkcs11");
  EXPECT_EQ(made->key.size(), 32U);
  hsm().folder().write("pin", "123456");  // also without a newline
  const auto again = seal().open(made->object);
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_TRUE(equal_in_constant_time(again->reveal(), made->key.reveal()));
  const auto other = seal().make(random_);
  ASSERT_TRUE(other);
  EXPECT_FALSE(equal_in_constant_time(other->key.reveal(), made->key.reveal()));
}

TEST_F(Pkcs11SealTest, RefusesAWrongPin) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made);
  hsm().folder().write("pin", "123457\n");
  const auto refused = seal().open(made->object);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(refused.error().message, "PKCS #11 token \"vitrine\": the PIN is wrong");
  hsm().folder().write("pin", "\n");
  EXPECT_EQ(seal().open(made->object).error().code, Code::malformed);
}

TEST_F(Pkcs11SealTest, RefusesAPinFileThatOthersCanRead) {
  hsm().folder().write("pin", "123456\n", /*secret=*/false);
  const auto refused = seal().make(random_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(refused.error().message.substr(0, 10), "PIN file: ");
}

TEST_F(Pkcs11SealTest, SaysThatATokenHasNotTheKey) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made);
  const auto refused = seal("another").open(made->object);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::not_found);
  EXPECT_EQ(refused.error().message,
            "PKCS #11 token: it does not hold the key that sealed the secrets");
}

TEST_F(Pkcs11SealTest, RefusesAnObjectThatWasChanged) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made);
  auto object = read_pkcs11_object(made->object).value();
  object.ciphertext[5] ^= 1;
  EXPECT_EQ(seal().open(encode(object)).error().code, Code::denied);
  object.ciphertext.resize(16);
  EXPECT_EQ(seal().open(encode(object)).error().code, Code::denied);
}

TEST_F(Pkcs11SealTest, SaysWhatIsThereWhereTheTokenIsNot) {
  const auto refused = seal("third").make(random_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_EQ(refused.error().message, "PKCS #11 token \"third\": not there");
  EXPECT_NE(refused.error().hint.find("vitrine"), std::string::npos);
}

TEST_F(Pkcs11SealTest, SaysWhenTheModuleCannotBeLoaded) {
  for (const char* module : {"/nowhere/module.so", "/usr/lib/x86_64-linux-gnu/libz.so.1"}) {
    const auto refused = Pkcs11Seal({module, "vitrine", pin_}).make(random_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unavailable);
    EXPECT_EQ(refused.error().message.find("PKCS #11 module " + std::string(module)), 0U);
  }
}

TEST_F(Pkcs11SealTest, LoadsNoCodeFromBesideTheData) {
  const std::string copy = hsm().folder().file("module.so");
  std::filesystem::copy_file("/usr/lib/softhsm/libsofthsm2.so", copy,
                             std::filesystem::copy_options::overwrite_existing);
  const auto refused = Pkcs11Seal({copy, "vitrine", pin_}).make(random_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(refused.error().message, "PKCS #11 module " + copy + ": does not lie below /usr");
}

}  // namespace
}  // namespace vitrine::seals
