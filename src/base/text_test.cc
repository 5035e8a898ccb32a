#include "base/text.h"

#include <gtest/gtest.h>

namespace vitrine {
namespace {

using Parts = std::vector<std::string_view>;

TEST(Split, GivesOnePartMoreThanSeparators) {
  EXPECT_EQ(split("a,b,,c", ','), (Parts{"a", "b", "", "c"}));
  EXPECT_EQ(split(",", ','), (Parts{"", ""}));
  EXPECT_EQ(split("", ','), (Parts{""}));
}

TEST(Trim, TakesBlanksFromBothEndsOnly) {
  EXPECT_EQ(trim(" \ta b\t "), "a b");
  EXPECT_EQ(trim(" \t "), "");
  EXPECT_EQ(trim("a\n"), "a\n");
}

TEST(ParseDecimal, ReadsUpTo64Bits) {
  EXPECT_EQ(parse_decimal("0").value(), 0U);
  EXPECT_EQ(parse_decimal("10").value(), 10U);
  EXPECT_EQ(parse_decimal("18446744073709551615").value(), UINT64_MAX);
}

TEST(ParseDecimal, RefusesEverythingElse) {
  EXPECT_EQ(parse_decimal("").error().message, "decimal number: empty");
  EXPECT_EQ(parse_decimal("00").error().message, "decimal number: leading zero");
  EXPECT_EQ(parse_decimal("01").error().message, "decimal number: leading zero");
  EXPECT_EQ(parse_decimal("18446744073709551616").error().message,
            "decimal number: larger than 64 bits");
  for (const char* text : {"+1", "-1", " 1", "1 ", "1.0", "0x1", "1e3", "\xd9\xa1"}) {
    EXPECT_EQ(parse_decimal(text).error().message, "decimal number: only digits are allowed");
  }
}

TEST(PercentDecode, DecodesPairsOfHexDigitsAndNothingElse) {
  EXPECT_EQ(percent_decode("a%2Fb%2f+%25").value(), "a/b/+%");
  EXPECT_EQ(percent_decode("%00").value(), std::string(1, '\0'));
  EXPECT_EQ(percent_decode("%2525").value(), "%25");
  EXPECT_EQ(percent_decode("ab%4").error().message,
            "percent-encoding: no two hex digits after offset 2");
  EXPECT_FALSE(percent_decode("%"));
  EXPECT_FALSE(percent_decode("%g0"));
  EXPECT_FALSE(percent_decode("%%20"));
}

TEST(PrintableAscii, ReplacesAndCuts) {
  EXPECT_EQ(printable_ascii("a~ \r\n\x7f\xc3\xa9z", 100), "a~ ?????z");
  EXPECT_EQ(printable_ascii("abcdef", 3), "abc");
  EXPECT_EQ(printable_ascii("", 3), "");
}

TEST(Utf8, AcceptsTheEdgesOfEachLength) {
  for (const char* text :
       {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
        "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(text)) << text;
  }
  EXPECT_TRUE(is_utf8(std::string_view("\0", 1)));
}

TEST(Utf8, RefusesWhatLiesBesideThem) {
  for (const char* text : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf",  // overlong, or no lead
                           "\xc2", "\xc2\x41", "\xc2\xc0", "\xe0\x9f\xbf", "\xe0\xa0",
                           "\xe1\x80\x41", "\xed\xa0\x80", "\xed\xbf\xbf",  // surrogates
                           "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf0\x90\x80\x41",
                           "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff",  // above U+10FFFF
                           "ok\xc2\x80\x80"}) {
    EXPECT_FALSE(is_utf8(text)) << text;
  }
}

}  // namespace
}  // namespace vitrine
