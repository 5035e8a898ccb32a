// The processor is played by a key derivation of the test's: what is asked of it is checked to the
// byte in attestation/collect/snp_guest_test.cc.
#include "seals/snp/snp_seal.h"

#include "attestation/simulated/attester.h"
#include "attestation/simulated/fixture_for_testing.h"
#include "crypto/hash.h"
#include "seals/objects.h"

namespace vitrine::seals {
namespace {

using attestation::simulated::AttestRequest;
using attestation::simulated::test_attester;

// Derives from what is asked, the code that asks, and the chip.
class PlayedGuest final : public attestation::collect::SnpGuest {
 public:
  std::string code = "this code";
  std::uint64_t committed_tcb = 0xdb18000000000004;

  Result<SecretBytes> derived_key(const attestation::collect::DerivedKeyRequest& request) override {
    if (request.tcb > committed_tcb)
      return denied("SNP firmware: derived key: status 22, invalid parameters");
    const auto message = attestation::collect::encode(request);
    return crypto::hmac(crypto::Hash::sha256, as_bytes(code), message);
  }
  Result<Bytes> report(const core::ReportData&) override { return internal("not asked for"); }
  Result<attestation::SnpEvidence> evidence(const core::ReportData&) override {
    return internal("not asked for");
  }
};

class SnpSealTest : public testing::Test {
 protected:
  SnpSeal seal() {
    return SnpSeal(guest_, [this](const core::ReportData& data) {
      auto request = request_;
      request.report_data = data;
      return test_attester().attest(request);
    });
  }
  SnpSealTest() { request_.raw = true; }

  PlayedGuest guest_;
  AttestRequest request_;
  SystemRandom random_;
};

TEST_F(SnpSealTest, AsksForAKeyBoundToPolicyMeasurementSvnAndTcb) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->kind, "snp");
  const auto object = read_snp_object(made->object).value();
  EXPECT_EQ(object.fields, 0b111001U);
  EXPECT_EQ(object.vmpl, 0U);
  EXPECT_EQ(object.guest_svn, request_.guest_svn);
  EXPECT_EQ(object.tcb, 0xdb18000000000004U) << "the committed one of the report, as a number";
  const auto again = seal().open(made->object);
  ASSERT_TRUE(again);
  EXPECT_TRUE(equal_in_constant_time(again->reveal(), made->key.reveal()));
}

TEST_F(SnpSealTest, GivesOtherCodeAnotherKey) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made);
  guest_.code = "other code";
  const auto other = seal().open(made->object);
  ASSERT_TRUE(other);
  EXPECT_FALSE(equal_in_constant_time(other->reveal(), made->key.reveal()));
}

TEST_F(SnpSealTest, IsRefusedWhereTheMeasurementIsAUtilityVms) {
  request_.raw = false;
  const auto refused = seal().make(random_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_NE(refused.error().message.find("that of a utility VM, not of this program"),
            std::string::npos);
}

TEST_F(SnpSealTest, IsRefusedInAGuestThatMayBeDebugged) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made);
  request_.policy |= 1U << 19;
  EXPECT_EQ(seal().make(random_).error().message,
            "seal \"snp\": this guest may be debugged by its host");
  EXPECT_EQ(seal().open(made->object).error().code, Code::denied);
}

TEST_F(SnpSealTest, LetsNoDiskChooseAWeakerKey) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made);
  auto object = read_snp_object(made->object).value();
  object.fields = 0;
  EXPECT_EQ(seal().open(encode(object)).error().message,
            "seal object of kind \"snp\": asks for a key that is not bound to the code");
  object = read_snp_object(made->object).value();
  object.vmpl = 1;
  EXPECT_FALSE(seal().open(encode(object)));
}

TEST_F(SnpSealTest, SaysWhenThePlatformWasSetBack) {
  const auto made = seal().make(random_);
  ASSERT_TRUE(made);
  guest_.committed_tcb = 0xd018000000000004;
  const auto refused = seal().open(made->object);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_NE(refused.error().hint.find("platform's firmware set back"), std::string::npos);
}

}  // namespace
}  // namespace vitrine::seals
