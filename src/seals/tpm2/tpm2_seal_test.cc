// Against swtpm, a TPM 2.0 in software by others.
#include "seals/tpm2/tpm2_seal.h"

#include "seals/objects.h"
#include "seals/programs_for_testing.h"

namespace vitrine::seals {
namespace {

class Tpm2SealTest : public testing::Test {
 protected:
  Tpm2Seal seal(std::vector<std::uint8_t> pcrs = {7, 11}) { return Tpm2Seal({tpm_.tcti(), pcrs}); }

  TestFolder folder_;
  SoftwareTpm tpm_{folder_, "tpm"};
  SystemRandom random_;
};

TEST_F(Tpm2SealTest, GivesTheKeyAgainAlsoAfterAReboot) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->kind, "tpm2");
  EXPECT_EQ(made->key.size(), 32U);
  for (int i = 0; i < 2; ++i) {
    const auto again = seal().open(made->object);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_TRUE(equal_in_constant_time(again->reveal(), made->key.reveal()));
    tpm_.stop();
    tpm_.start();
  }
  const auto other = seal().make(random_);
  ASSERT_TRUE(other);
  EXPECT_FALSE(equal_in_constant_time(other->key.reveal(), made->key.reveal()));
}

TEST_F(Tpm2SealTest, TakesThePcrsFromTheObject) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made);
  EXPECT_TRUE(seal({4}).open(made->object));
}

TEST_F(Tpm2SealTest, RefusesWhenAPcrHasAnotherValue) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made);
  tpm_.extend(4);
  EXPECT_TRUE(seal().open(made->object)) << "PCR 4 is not among them";
  tpm_.extend(11);
  const auto refused = seal().open(made->object);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(refused.error().message,
            "TPM: PCRs 7, 11: one has another value than when the key was sealed: other firmware, "
            "boot chain or program");
  EXPECT_FALSE(refused.error().hint.empty());
}

TEST_F(Tpm2SealTest, SaysThatTheKeyIsLostOnAnotherTpm) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made);
  const SoftwareTpm other(folder_, "other");
  const auto refused = Tpm2Seal({other.tcti(), {7, 11}}).open(made->object);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::not_found);
  EXPECT_EQ(refused.error().message,
            "TPM: the sealed key is of another TPM, or this one was cleared since");
}

TEST_F(Tpm2SealTest, RefusesAnObjectThatWasChanged) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made);
  auto object = read_tpm2_object(made->object).value();
  object.private_area[20] ^= 1;
  const auto refused = seal().open(encode(object));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(refused.error().message, "TPM: the sealed object was changed");
  object = read_tpm2_object(made->object).value();
  object.pcrs = {7};
  EXPECT_EQ(seal().open(encode(object)).error().code, Code::denied);
  object = read_tpm2_object(made->object).value();
  object.public_area.pop_back();
  EXPECT_EQ(seal().open(encode(object)).error().message,
            "seal object of kind \"tpm2\": no area of a TPM object");
}

TEST_F(Tpm2SealTest, SaysWhenNoTpmAnswers) {
  tpm_.stop();
  const auto made = seal().make(random_);
  ASSERT_FALSE(made);
  EXPECT_EQ(made.error().code, Code::unavailable);
  EXPECT_NE(made.error().message.find(": can't be reached"), std::string::npos);
}

TEST_F(Tpm2SealTest, LoadsNoCodeByItsPath) {
  for (const char* tcti :
       {"/tmp/evil.so:x", "./evil.so", "../evil", "", ":x", "Device:/dev/tpm0"}) {
    const auto refused = Tpm2Seal({tcti, {7}}).make(random_);
    ASSERT_FALSE(refused) << tcti;
    EXPECT_EQ(refused.error().code, Code::malformed) << tcti;
  }
}

TEST_F(Tpm2SealTest, LeavesNothingInTheTpm) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(seal().open(made->object)) << i;
}

}  // namespace
}  // namespace vitrine::seals
