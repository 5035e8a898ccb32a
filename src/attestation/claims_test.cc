#include "attestation/claims.h"

#include <gtest/gtest.h>

#include "attestation/claims_maker.h"

namespace vitrine::attestation {
namespace {

TEST(Claims, HaveOneTextPerType) {
  EXPECT_EQ(to_text(ClaimValue(true)), "true");
  EXPECT_EQ(to_text(ClaimValue(false)), "false");
  EXPECT_EQ(to_text(ClaimValue(std::int64_t{-2})), "-2");
  EXPECT_EQ(to_text(ClaimValue(std::string("a b"))), "a b");
  EXPECT_EQ(to_text(ClaimValue(std::vector<std::string>{"a", "b"})), "a,b");
  EXPECT_EQ(to_text(ClaimValue(std::vector<std::string>{})), "");
}

TEST(Claims, FreshnessHasANamePerKind) {
  EXPECT_EQ(name_of(Freshness::none), "none");
  EXPECT_EQ(name_of(Freshness::age), "age");
  EXPECT_EQ(name_of(Freshness::nonce), "nonce");
}

TEST(Claims, HoldWhatTheirMakerSetAndNothingElse) {
  ClaimsMaker maker("snp");
  maker.set("x", std::int64_t{1}).set_simulated(true).set_freshness(Freshness::nonce);
  const auto claims = std::move(maker).finish();
  EXPECT_EQ(claims.profile(), "snp");
  EXPECT_TRUE(claims.simulated());
  EXPECT_EQ(claims.freshness(), Freshness::nonce);
  ASSERT_NE(claims.find("x"), nullptr);
  EXPECT_EQ(*claims.find("x"), ClaimValue(std::int64_t{1}));
  EXPECT_EQ(claims.find("X"), nullptr);
}

TEST(ClaimsDeathTest, AClaimIsSetOnce) {
  ClaimsMaker maker("snp");
  maker.set("x", true);
  EXPECT_DEATH(maker.set("x", false), "fresh");
}

}  // namespace
}  // namespace vitrine::attestation
