#include "attestation/cache.h"

#include <gtest/gtest.h>

#include <thread>

#include "attestation/simulated/fixture_for_testing.h"

namespace vitrine::attestation {
namespace {

using simulated::anchors_of;
using simulated::test_attester;
using simulated::test_time;

TEST(VerificationCache, RemembersChainAndEndorsementOnce) {
  VerificationCache cache;
  const auto anchors = anchors_of(test_attester());
  for (int i = 0; i < 3; ++i) {
    simulated::AttestRequest request;
    request.report_data[0] = static_cast<Byte>(i);
    const auto evidence = test_attester().attest(request).value();
    EXPECT_TRUE(verify_snp(evidence, anchors, test_time(), cache).has_value());
    EXPECT_EQ(cache.state().chains.size(), 1U);
    EXPECT_EQ(cache.state().uvm.size(), 1U);
  }
}

TEST(VerificationCache, RemembersNothingThatWasRefused) {
  VerificationCache cache;
  const auto evidence = test_attester().attest({}).value();
  EXPECT_FALSE(verify_snp(evidence, default_trust_anchors(), test_time(), cache).has_value());
  EXPECT_EQ(cache.state().chains.size(), 0U);
}

TEST(VerificationCache, AnswersNoOtherAnchors) {
  VerificationCache cache;
  const auto evidence = test_attester().attest({}).value();
  auto anchors = anchors_of(test_attester());
  ASSERT_TRUE(verify_snp(evidence, anchors, test_time(), cache).has_value());
  EXPECT_FALSE(verify_snp(evidence, default_trust_anchors(), test_time(), cache).has_value());
  anchors.uvm_signers.back().svn_min = 101;
  EXPECT_EQ(simulated::outcome(verify_snp(evidence, anchors, test_time(), cache)),
            "UVM endorsement: svn 100 of feed Simulated-UVM is below the lowest accepted, 101");
}

TEST(VerificationCache, IsNotUsedOutsideTheDatesOfTheChain) {
  VerificationCache cache;
  const auto evidence = test_attester().attest({}).value();
  const auto anchors = anchors_of(test_attester());
  ASSERT_TRUE(verify_snp(evidence, anchors, test_time(), cache).has_value());
  const auto options = test_attester().leaf_options(simulated::default_tcb());
  const auto second = std::chrono::seconds(1);
  for (const Time outside :
       {options.validity.not_before - second, options.validity.not_after + second}) {
    const auto refused = verify_snp(evidence, anchors, outside, cache);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().message.find("SEV-VCEK"), std::string::npos)
        << refused.error().message;
  }
  EXPECT_TRUE(verify_snp(evidence, anchors, options.validity.not_after, cache).has_value());
}

TEST(VerificationCache, ARememberedChainDoesNotVouchForAnotherReport) {
  VerificationCache cache;
  auto evidence = test_attester().attest({}).value();
  const auto anchors = anchors_of(test_attester());
  ASSERT_TRUE(verify_snp(evidence, anchors, test_time(), cache).has_value());
  evidence.report[0x50] ^= 1;
  EXPECT_EQ(simulated::outcome(verify_snp(evidence, anchors, test_time(), cache)),
            "SNP report: signature does not verify with the VCEK");
}

TEST(VerificationCache, StaysWithinItsBound) {
  VerificationCache cache(1);
  const auto anchors = anchors_of(test_attester());
  for (const Byte microcode : {1, 2, 3}) {
    simulated::AttestRequest request;
    request.tcb = snp::TcbComponents{0, 4, 0, 24, microcode};
    const auto evidence = test_attester().attest(request).value();
    EXPECT_TRUE(verify_snp(evidence, anchors, test_time(), cache).has_value());
    EXPECT_EQ(cache.state().chains.size(), 1U);
  }
}

TEST(VerificationCache, ServesManyThreadsAtOnce) {
  VerificationCache cache(2);
  const auto anchors = anchors_of(test_attester());
  std::vector<SnpEvidence> all;
  for (const Byte microcode : {1, 2, 3}) {
    simulated::AttestRequest request;
    request.tcb = snp::TcbComponents{0, 4, 0, 24, microcode};
    all.push_back(test_attester().attest(request).value());
  }
  std::vector<std::thread> threads;
  std::array<int, 4> accepted{};
  for (std::size_t t = 0; t < accepted.size(); ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = 0; i < 12; ++i) {
        const auto& evidence = all[(t + i) % all.size()];
        accepted[t] += verify_snp(evidence, anchors, test_time(), cache).has_value() ? 1 : 0;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(accepted, (std::array<int, 4>{12, 12, 12, 12}));
}

}  // namespace
}  // namespace vitrine::attestation
