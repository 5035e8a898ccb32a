#include "base/clock.h"

#include <gtest/gtest.h>

#include <limits>

namespace vitrine {
namespace {

std::int64_t seconds(const char* text) { return to_unix_seconds(from_rfc3339(text).value()); }

TEST(Rfc3339, WritesSecondsInUtc) {
  EXPECT_EQ(to_rfc3339(from_unix_seconds(0)), "1970-01-01T00:00:00Z");
  EXPECT_EQ(to_rfc3339(from_unix_ms(1'795'526'400'999)), "2026-11-24T13:20:00Z");
  EXPECT_EQ(to_rfc3339(from_unix_ms(-1)), "1969-12-31T23:59:59Z");
  EXPECT_EQ(to_rfc3339(from_unix_seconds(951'827'696)), "2000-02-29T12:34:56Z");
}

TEST(Rfc3339, ShowsTimesOutsideFourDigitYearsAsTheNearest) {
  EXPECT_EQ(to_rfc3339(from_unix_ms(std::numeric_limits<std::int64_t>::max())),
            "9999-12-31T23:59:59Z");
  EXPECT_EQ(to_rfc3339(from_unix_ms(std::numeric_limits<std::int64_t>::min())),
            "0000-01-01T00:00:00Z");
}

// The examples of RFC 3339 section 5.8; the leap seconds among them are refused below.
TEST(Rfc3339, ReadsTheExamplesOfTheRfc) {
  EXPECT_EQ(to_unix_ms(from_rfc3339("1985-04-12T23:20:50.52Z").value()), 482'196'050'520);
  EXPECT_EQ(seconds("1996-12-19T16:39:57-08:00"), seconds("1996-12-20T00:39:57Z"));
  EXPECT_EQ(seconds("1937-01-01T12:00:27.87+00:20"), -1'041'337'172);
}

TEST(Rfc3339, CutsFractionsToMilliseconds) {
  EXPECT_EQ(to_unix_ms(from_rfc3339("1970-01-01T00:00:01.2Z").value()), 1200);
  EXPECT_EQ(to_unix_ms(from_rfc3339("1970-01-01T00:00:01.999999999Z").value()), 1999);
  EXPECT_FALSE(from_rfc3339("1970-01-01T00:00:01.9999999999Z"));
  EXPECT_FALSE(from_rfc3339("1970-01-01T00:00:01.Z"));
}

TEST(Rfc3339, RefusesOtherForms) {
  EXPECT_EQ(from_rfc3339("2026-11-24").error().message,
            "time: not in the form 2026-11-24T13:20:00Z (RFC 3339)");
  for (const char* text :
       {"", "2026-11-24T13:20:00", "2026-11-24 13:20:00Z", "2026-11-24t13:20:00Z",
        "2026-11-24T13:20:00z", "2026-11-24T13:20:00Z ", " 2026-11-24T13:20:00Z",
        "2026-11-24T13:20Z", "2026-1-24T13:20:00Z", "+2026-11-24T13:20:00Z",
        "2026-11-24T13:20:00+0100", "2026-11-24T13:20:00+1:00", "2026-11-24T13:20:00+24:00",
        "2026-11-24T13:20:00+01:60", "2026-11-24T13:20:00,5Z", "20261124T132000Z"}) {
    EXPECT_FALSE(from_rfc3339(text)) << text;
  }
}

TEST(Rfc3339, RefusesDaysAndTimesThatDoNotExist) {
  EXPECT_TRUE(from_rfc3339("2024-02-29T00:00:00Z"));
  for (const char* text : {"2026-02-29T00:00:00Z", "2100-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
                           "2026-00-01T00:00:00Z", "2026-13-01T00:00:00Z", "2026-01-00T00:00:00Z",
                           "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:61Z",
                           "1990-12-31T23:59:60Z"}) {
    EXPECT_FALSE(from_rfc3339(text)) << text;
  }
}

TEST(HttpDate, IsTheExampleOfRfc9110) {
  EXPECT_EQ(to_http_date(from_unix_seconds(784'111'777)), "Sun, 06 Nov 1994 08:49:37 GMT");
}

TEST(Time, SaturatesWhereMillisecondsCannotHoldTheSeconds) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(to_unix_seconds(from_unix_seconds(kMax)), kMax / 1000);
  EXPECT_EQ(to_unix_seconds(from_unix_seconds(-kMax)), -(kMax / 1000));
  EXPECT_EQ(to_unix_ms(from_unix_seconds(12)), 12'000);
}

TEST(SystemClock, IsPastTheTimeThisWasWritten) {
  EXPECT_GT(SystemClock().now(), from_rfc3339("2020-01-01T00:00:00Z").value());
}

}  // namespace
}  // namespace vitrine
