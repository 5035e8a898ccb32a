#include "client/governance/difference.h"

#include <gtest/gtest.h>

namespace vitrine::client {
namespace {

std::string text(const Lines& lines) {
  std::string all;
  for (const auto& line : lines) all += line.sign + (" " + line.text) + "\n";
  return all;
}

std::string difference_of(const char* before, const char* after) {
  return text(difference("", *codec::json::parse(before), *codec::json::parse(after)));
}

TEST(Difference, IsEmptyBetweenEquals) {
  EXPECT_EQ(difference_of(R"({"a":[1,2],"b":{"c":null}})", R"({"b":{"c":null},"a":[1,2]})"), "");
  EXPECT_EQ(difference_of(R"({"a":[1,2]})", R"({"a":[2,1]})"), "");
}

TEST(Difference, NamesMembersByTheirPath) {
  EXPECT_EQ(difference_of(R"({"claims":{"x":["1"],"gone":["2"]},"n":1})",
                          R"({"claims":{"x":["1","3"]},"n":2,"new":{"deep":true}})"),
            "+ claims.x: 3\n"
            "- claims.gone: 2\n"
            "~ n: 1 -> 2\n"
            "+ new.deep: true\n");
}

TEST(Difference, ShowsAppearingAndGoingValuesWhole) {
  EXPECT_EQ(difference_of("null", R"({"a":"x"})"), "+ a: x\n");
  EXPECT_EQ(difference_of(R"({"a":"x"})", "null"), "- a: x\n");
  EXPECT_EQ(difference_of("{}", R"({"a":{}})"), "+ a: {}\n");
  EXPECT_EQ(difference_of("{}", R"({"a":[]})"), "+ a: []\n");
  EXPECT_EQ(difference_of(R"({"a":[]})", R"({"a":{}})"), "~ a: [] -> {}\n");
  EXPECT_EQ(difference_of("1", "2"), "~ 1 -> 2\n");
}

TEST(Difference, LetsNoTextMoveTheReadersCursor) {
  EXPECT_EQ(shown(std::string_view("a\x1b[2Jb\nc")), "a?[2Jb?c");
  EXPECT_EQ(difference_of("{}", R"({"a\u001b":"\u001b[2J"})"), "+ a?: ?[2J\n");
  const std::string longest = shown(std::string_view(std::string(1000, 'x')));
  EXPECT_EQ(longest, std::string(200, 'x') + "...");
}

}  // namespace
}  // namespace vitrine::client
