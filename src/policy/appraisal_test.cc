#include "policy/appraisal.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "policy/comparison.h"
#include "policy/policies_for_testing.h"

namespace vitrine::policy {
namespace {

using attestation::Claims;
using attestation::ClaimsMaker;
using attestation::Freshness;

Claims sample_claims(const std::string& profile = "snp-aci",
                     Freshness freshness = Freshness::none) {
  ClaimsMaker maker(profile);
  maker.set_freshness(freshness)
      .set("x-ms-ver", "3")
      .set("x-ms-sevsnpvm-guestsvn", std::int64_t{2})
      .set("x-ms-sevsnpvm-smt-allowed", true)
      .set("x-ms-sevsnpvm-hostdata", "ab12")
      .set("attester_advisory_ids", std::vector<std::string>{"A-1", "A-2"});
  return std::move(maker).finish();
}

Claims with(Freshness freshness) { return sample_claims("snp-aci", freshness); }

Refusal refusal(std::string_view args, const Claims& claims = sample_claims()) {
  const auto result = appraise(policy_for_testing(args), claims);
  EXPECT_FALSE(result.has_value()) << args;
  return result ? Refusal() : result.error();
}

void expect_accepted(std::string_view args, const Claims& claims = sample_claims()) {
  const auto result = appraise(policy_for_testing(args), claims);
  EXPECT_TRUE(result.has_value()) << args << ": " << result.error().to_text();
}

TEST(Appraisal, AcceptsClaimsThatAllHoldAndRemembersThem) {
  const auto result = appraise(
      policy_for_testing(
          R"({"type":"add","claims":{"x-ms-sevsnpvm-hostdata":["cd","ab12"]},"gte":{"x-ms-ver":3}})"),
      sample_claims());
  ASSERT_TRUE(result);
  EXPECT_EQ(result->profile(), "snp-aci");
  EXPECT_EQ(result->freshness(), Freshness::none);
  const attestation::ClaimMap matched = {{"x-ms-sevsnpvm-hostdata", "ab12"}, {"x-ms-ver", "3"}};
  EXPECT_EQ(result->matched(), matched);
}

TEST(Appraisal, MatchesNumbersAndTruthValuesByTheirText) {
  expect_accepted(R"({"type":"add","claims":{"x-ms-ver":3}})");
  expect_accepted(R"({"type":"add","claims":{"x-ms-sevsnpvm-guestsvn":"2"}})");
  expect_accepted(R"({"type":"add","claims":{"x-ms-sevsnpvm-smt-allowed":"true"}})");
  EXPECT_EQ(refusal(R"({"type":"add","claims":{"x-ms-sevsnpvm-smt-allowed":1}})").to_text(),
            "x-ms-sevsnpvm-smt-allowed: wanted 1, found true");
  EXPECT_EQ(refusal(R"({"type":"add","claims":{"x-ms-sevsnpvm-hostdata":"AB12"}})").to_text(),
            "x-ms-sevsnpvm-hostdata: wanted AB12, found ab12");
}

TEST(Appraisal, NamesEveryClaimThatDoesNotHold) {
  const auto found = refusal(
      R"({"type":"add","claims":{"x-ms-ver":["1","2"],"x-ms-sevsnpvm-vmpl":0,
          "x-ms-sevsnpvm-smt-allowed":true}})");
  EXPECT_EQ(found.to_text(),
            "x-ms-ver: wanted one of 1, 2, found 3; x-ms-sevsnpvm-vmpl: wanted 0, found absent");
  EXPECT_FALSE(found.policy_empty);
  EXPECT_FALSE(found.policy_broken);
}

TEST(Appraisal, NeverMatchesAListClaim) {
  for (const auto* value : {"\"A-1\"", "\"A-1,A-2\""}) {
    EXPECT_EQ(
        refusal(std::string(R"({"type":"add","claims":{"attester_advisory_ids":)") + value + "}}")
            .mismatches.size(),
        1U);
  }
}

TEST(Appraisal, RefusesEverybodyWhereThePolicyIsEmpty) {
  const auto found = refusal(R"({"type":"add","claims":{}})");
  EXPECT_TRUE(found.policy_empty);
  EXPECT_EQ(found.to_text(), "the release policy has no claims");
  EXPECT_EQ(found.to_header(), "policy empty");
  EXPECT_TRUE(refusal(R"({"type":"add","claims":{},"gte":{"x-ms-ver":1}})").policy_empty);
  EXPECT_FALSE(appraise(ReleasePolicy(), sample_claims()));
}

TEST(Appraisal, HoldsAllOperatorsToAccount) {
  const std::string claims = R"({"type":"add","claims":{"x-ms-sevsnpvm-smt-allowed":true},)";
  expect_accepted(claims + R"("gte":{"x-ms-ver":3},"gt":{"x-ms-ver":"2"},"lt":{"x-ms-ver":4},)" +
                  R"("lte":{"x-ms-ver":"3"}})");
  EXPECT_EQ(refusal(claims + R"("gte":{"x-ms-ver":4}})").to_text(),
            "x-ms-ver: wanted >= 4, found 3");
  EXPECT_EQ(refusal(claims + R"("gt":{"x-ms-ver":3}})").to_text(), "x-ms-ver: wanted > 3, found 3");
  EXPECT_EQ(refusal(claims + R"("lt":{"x-ms-ver":"3"}})").to_text(),
            "x-ms-ver: wanted < 3, found 3");
  EXPECT_EQ(refusal(claims + R"("lte":{"x-ms-ver":2}})").to_text(),
            "x-ms-ver: wanted <= 2, found 3");
}

// The peers let gt overwrite the verdict of gte (kms-api.md 12.2 #2).
TEST(Appraisal, DoesNotForgetGteWhereGtHolds) {
  const std::string claims = R"({"type":"add","claims":{"x-ms-sevsnpvm-smt-allowed":true},)";
  EXPECT_EQ(refusal(claims + R"("gte":{"x-ms-ver":9},"gt":{"x-ms-ver":1}})").to_text(),
            "x-ms-ver: wanted >= 9, found 3");
  EXPECT_EQ(refusal(claims + R"("gte":{"x-ms-ver":9},"gt":{}})").to_text(),
            "x-ms-ver: wanted >= 9, found 3");
}

TEST(Appraisal, RefusesAnOperatorOnAClaimThatIsNoNumber) {
  const std::string claims = R"({"type":"add","claims":{"x-ms-sevsnpvm-smt-allowed":true},)";
  EXPECT_EQ(refusal(claims + R"("gte":{"x-ms-sevsnpvm-hostdata":0}})").to_text(),
            "x-ms-sevsnpvm-hostdata: wanted >= 0, found ab12");
  EXPECT_EQ(refusal(claims + R"("gte":{"x-ms-sevsnpvm-smt-allowed":0}})").to_text(),
            "x-ms-sevsnpvm-smt-allowed: wanted >= 0, found true");
  EXPECT_EQ(refusal(claims + R"("lt":{"x-ms-sevsnpvm-vmpl":4}})").to_text(),
            "x-ms-sevsnpvm-vmpl: wanted < 4, found absent");
}

TEST(Appraisal, RefusesAProfileThePolicyDoesNotName) {
  const auto* plain = R"({"type":"add","claims":{"x-ms-ver":"3"}})";
  EXPECT_EQ(refusal(plain, sample_claims("snp")).to_text(), "profile: wanted snp-aci, found snp");
  const auto* raw = R"({"type":"add","claims":{"x-ms-ver":"3"},"profiles":["snp"]})";
  expect_accepted(raw, sample_claims("snp"));
  EXPECT_EQ(refusal(raw).to_text(), "profile: wanted snp, found snp-aci");
  expect_accepted(R"({"type":"add","claims":{"x-ms-ver":"3"},"profiles":["snp","snp-aci"]})");
}

TEST(Appraisal, DemandsTheFreshnessThePolicyNames) {
  const auto policy = [](const char* freshness) {
    return std::string(R"({"type":"add","claims":{"x-ms-ver":"3"},"freshness":")") + freshness +
           "\"}";
  };
  expect_accepted(policy("none"));
  expect_accepted(policy("age"), with(Freshness::nonce));
  expect_accepted(policy("nonce"), with(Freshness::nonce));
  EXPECT_EQ(refusal(policy("age")).to_text(), "freshness: wanted age, found none");
  EXPECT_EQ(refusal(policy("nonce"), with(Freshness::age)).to_text(),
            "freshness: wanted nonce, found age");
}

TEST(Refusal, HasAHeaderThatIsShortAndAscii) {
  const auto found = refusal(
      R"({"type":"add","claims":{"x-ms-sevsnpvm-hostdata":"7925760b568ed7719a785adf5c6b0325",
          "x-ms-ver":"\u00e9\n"}})");
  EXPECT_EQ(found.to_header(),
            "x-ms-sevsnpvm-hostdata: wanted 7925760b568ed7719a785adf..., found ab12; "
            "x-ms-ver: wanted ???, found 3");
}

TEST(Refusal, CutsAHeaderThatWouldBeTooLong) {
  Refusal many;
  for (int i = 0; i < 20; ++i) many.mismatches.push_back({"a-claim-with-a-name", "1", "2"});
  const auto header = many.to_header();
  EXPECT_EQ(header.size(), limits::kReasonHeaderBytesMax);
  EXPECT_TRUE(header.ends_with("..."));
}

TEST(Refusal, SaysWhereThePolicyIsBroken) {
  Refusal broken;
  broken.policy_broken = true;
  EXPECT_EQ(broken.to_text(), "the release policy is broken");
  EXPECT_EQ(broken.to_header(), "policy broken");
}

TEST(Comparison, ReadsNumbersInOneSpelling) {
  const auto number = [](const char* text) { return number_of(codec::json::Value(text)); };
  EXPECT_EQ(number("3"), 3);
  EXPECT_EQ(number("-1"), -1);
  EXPECT_EQ(number("9223372036854775807"), INT64_MAX);
  for (const auto* text :
       {"", "3x", " 3", "3 ", "+3", "03", "-0", "3.0", "1e3", "0x3", "-", "9223372036854775808"}) {
    EXPECT_FALSE(number(text)) << text;
  }
  EXPECT_FALSE(number_of(codec::json::Value(nullptr)));
  EXPECT_FALSE(number_of(codec::json::Value(true)));
  EXPECT_FALSE(number_of(codec::json::Value(3.0)));
}

// What appraise() matches is what a release's entry records, and what an auditor judges again.
TEST(Recorded, IsAcceptedAsTheEvidenceWas) {
  const auto policy = policy_for_testing(
      R"({"type":"add","claims":{"x-ms-ver":"3"},"gte":{"x-ms-sevsnpvm-guestsvn":2}})");
  const auto result = appraise(policy, sample_claims());
  ASSERT_TRUE(result);
  const std::string profile = "snp-aci";
  EXPECT_FALSE(check_recorded(policy, {profile, "none", result->matched()}));

  const auto why = [&](const std::string& with_profile, const attestation::ClaimMap& claims) {
    const auto refused = check_recorded(policy, {with_profile, "none", claims});
    return refused ? refused->to_text() : std::string();
  };
  EXPECT_EQ(why("snp", result->matched()), "profile: wanted snp-aci, found snp");
  auto claims = result->matched();
  claims["x-ms-ver"] = std::string("2");
  EXPECT_EQ(why(profile, claims), "x-ms-ver: wanted 3, found 2");
  claims = result->matched();
  claims.erase("x-ms-sevsnpvm-guestsvn");
  EXPECT_EQ(why(profile, claims), "x-ms-sevsnpvm-guestsvn: wanted >= 2, found absent");
  claims = result->matched();
  claims["x-ms-sevsnpvm-vmpl"] = std::int64_t{0};
  EXPECT_EQ(why(profile, claims), "x-ms-sevsnpvm-vmpl: wanted nothing of it, found 0");
}

}  // namespace
}  // namespace vitrine::policy
