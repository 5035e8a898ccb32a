#include "cli/trust.h"

#include <gtest/gtest.h>

namespace vitrine::cli {
namespace {

class FixedClock final : public Clock {
 public:
  Time now() const override { return from_unix_seconds(1'800'000'000); }
};

Result<Time> time_at(std::string at) {
  TrustOptions options;
  options.at = std::move(at);
  return time_of(options, FixedClock());
}

TEST(TrustTime, IsNowUnlessSaid) { EXPECT_EQ(to_unix_seconds(*time_at("")), 1'800'000'000); }

TEST(TrustTime, IsReadInThreeForms) {
  EXPECT_EQ(to_unix_seconds(*time_at("2026-01-15T00:00:00Z")), 1'768'435'200);
  EXPECT_EQ(to_unix_seconds(*time_at("2026-01-15")), 1'768'435'200);
  EXPECT_EQ(to_unix_seconds(*time_at("1768435200")), 1'768'435'200);
}

TEST(TrustTime, RefusesOtherText) {
  for (const char* text : {"yesterday", "2026-13-01", "2026-1-1", "-5", "99999999999999"}) {
    const auto time = time_at(text);
    ASSERT_FALSE(time) << text;
    EXPECT_EQ(time.error().message, "--at " + std::string(text) + ": not a time");
  }
}

TEST(Anchors, AreThePinnedOnesUnlessMoreAreGiven) {
  const auto anchors = anchors_of({});
  ASSERT_TRUE(anchors);
  EXPECT_EQ(anchors->snp_roots.size(), 3u);
  TrustOptions options;
  options.roots = {"/nonexistent.pem"};
  EXPECT_EQ(anchors_of(options).error().code, Code::not_found);
}

TEST(ClaimJson, KeepsTypes) {
  attestation::ClaimMap claims;
  claims["a"] = true;
  claims["b"] = std::int64_t{3};
  claims["c"] = std::string("x");
  claims["d"] = std::vector<std::string>{"y", "z"};
  EXPECT_EQ(codec::json::write(to_json(claims)), R"({"a":true,"b":3,"c":"x","d":["y","z"]})");
}

}  // namespace
}  // namespace vitrine::cli
