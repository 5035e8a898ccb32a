#include "core/issuer_refreshes.h"

#include <gtest/gtest.h>

namespace vitrine::core {
namespace {

using Heard = IssuerRefreshes::Heard;

TEST(IssuerRefreshes, TellNewsOnce) {
  IssuerRefreshes refreshes;
  const auto at = [](int second) { return from_unix_seconds(second); };
  EXPECT_EQ(refreshes.succeeded("a", true, at(1)), Heard::nothing_new);
  EXPECT_EQ(refreshes.failed("a", "no route", at(2)), Heard::news);
  EXPECT_EQ(refreshes.failed("a", "no route", at(3)), Heard::nothing_new);
  EXPECT_EQ(refreshes.failed("b", "no route", at(3)), Heard::news);
  EXPECT_EQ(refreshes.failed("a", "another", at(4)), Heard::news);
  const auto failing = refreshes.all();
  ASSERT_EQ(failing.size(), 2U);
  EXPECT_EQ(failing[0].issuer, "a");
  EXPECT_EQ(failing[0].failure, "another");
  EXPECT_EQ(failing[0].failures_in_row, 3U);
  EXPECT_EQ(failing[0].last_try, at(4));
  EXPECT_EQ(failing[0].last_success, at(1));
  EXPECT_FALSE(failing[1].last_success);
  EXPECT_EQ(refreshes.succeeded("a", false, at(5)), Heard::news);
  EXPECT_EQ(refreshes.succeeded("a", false, at(6)), Heard::nothing_new);
  EXPECT_EQ(refreshes.all()[0].failures_in_row, 0U);
  EXPECT_EQ(refreshes.all()[0].failure, "");
}

TEST(IssuerRefreshes, CountWhatIsForgottenToo) {
  IssuerRefreshes refreshes;
  refreshes.succeeded("a", true, {});
  refreshes.succeeded("b", false, {});
  refreshes.failed("b", "why", {});
  refreshes.keep_only({"a"});
  ASSERT_EQ(refreshes.all().size(), 1U);
  EXPECT_EQ(refreshes.all()[0].issuer, "a");
  EXPECT_EQ(refreshes.counts().changed, 1U);
  EXPECT_EQ(refreshes.counts().unchanged, 1U);
  EXPECT_EQ(refreshes.counts().failed, 1U);
}

// As `printf %s https://idp.example | sha256sum` says.
TEST(IssuerRefreshes, NameAnIssuerShort) {
  EXPECT_EQ(issuer_id("https://idp.example"), "512a336b79b57eb3");
}

}  // namespace
}  // namespace vitrine::core
