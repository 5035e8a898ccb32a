#include "core/own_evidence.h"

#include "core/service_for_testing.h"

namespace vitrine::core {
namespace {

class OwnEvidence : public testing::Test {
 protected:
  OwnEvidence() { service_.create(); }

  Attest counting() {
    return [this](const ReportData& data) {
      ++made_;
      attestation::simulated::AttestRequest request;
      request.report_data = data;
      return attestation::simulated::test_attester().attest(request);
    };
  }
  const View& view() { return *service_.core().view(); }
  Time now() { return service_.clock().now(); }

  TestService service_;
  int made_ = 0;
};

TEST_F(OwnEvidence, OfTheNewestRootIsKeptForTenSeconds) {
  Quotes quotes(counting());
  const auto first = quotes.newest(view(), now());
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(rotate_key(service_.core()));
  EXPECT_EQ(*quotes.newest(view(), now()), *first);
  service_.clock().advance(std::chrono::seconds(10));
  const auto second = quotes.newest(view(), now());
  ASSERT_TRUE(second);
  EXPECT_EQ(made_, 2);
  EXPECT_GT((*second)->head.size, (*first)->head.size);

  attestation::VerificationCache cache;
  const auto claims = attestation::verify_snp(
      (*second)->evidence, service_.governance().settings.trust_anchors(), now(), cache);
  ASSERT_TRUE(claims) << claims.error().message;
  EXPECT_EQ(claims->report_data(), node_report_data(view().state, view().head.root.roots.rfc9162));
}

TEST_F(OwnEvidence, IsMadeAnewWhereTheKeysAreOthers) {
  Quotes quotes(counting());
  ASSERT_TRUE(quotes.newest(view(), now()));
  View other = view();
  Service changed = *other.state.service;
  changed.log_key = crypto::PrivateKey::generate(crypto::KeyKind::ed25519)->public_key();
  other.state.service = std::make_shared<const Service>(std::move(changed));
  ASSERT_TRUE(quotes.newest(other, now()));
  EXPECT_EQ(made_, 2);
}

TEST_F(OwnEvidence, AnswersTenChallengesASecond) {
  Quotes quotes(counting());
  const Bytes challenge(32, 9);
  const auto quote = quotes.challenged(view(), now(), challenge);
  ASSERT_TRUE(quote);
  EXPECT_EQ(quote->report_data, node_report_data(view().state, challenge));
  EXPECT_EQ(quotes.challenged(view(), now(), challenge).error().code, Code::unavailable);
  service_.clock().advance(std::chrono::milliseconds(100));
  EXPECT_TRUE(quotes.challenged(view(), now(), challenge));
  EXPECT_EQ(made_, 2);
}

TEST_F(OwnEvidence, RefusesChallengesThatAreTooShortOrTooLong) {
  Quotes quotes(counting());
  for (const std::size_t size : {0, 15, 65}) {
    EXPECT_EQ(quotes.challenged(view(), now(), Bytes(size, 1)).error().message,
              "challenge: must be 16 to 64 bytes");
  }
  EXPECT_EQ(made_, 0);
}

TEST_F(OwnEvidence, IsNoneWhereNothingMakesIt) {
  EXPECT_EQ(service_.core().quotes().newest(view(), now()).error().code, Code::not_found);
}

}  // namespace
}  // namespace vitrine::core
