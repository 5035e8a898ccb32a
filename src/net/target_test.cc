#include "net/target.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace vitrine::net {
namespace {

std::optional<std::string> found(std::string_view text, std::string_view name) {
  const auto target = parse_target(text);
  EXPECT_TRUE(target) << target.error().message;
  const auto value = target->find(name);
  return value ? std::optional(std::string(*value)) : std::nullopt;
}

TEST(Target, SplitsPathAndQuery) {
  const auto target = parse_target("/app/key?kid=a_11&fmt=tink");
  ASSERT_TRUE(target);
  EXPECT_EQ(target->path, "/app/key");
  ASSERT_EQ(target->query.size(), 2u);
  EXPECT_EQ(target->find("kid"), "a_11");
  EXPECT_EQ(target->find("fmt"), "tink");
  EXPECT_EQ(target->find("Fmt"), std::nullopt);
}

TEST(Target, WithoutAQueryHasNoNames) {
  EXPECT_TRUE(parse_target("/app/key")->query.empty());
  EXPECT_TRUE(parse_target("/app/key?")->query.empty());
  EXPECT_TRUE(parse_target("/app/key?&&")->query.empty());
}

TEST(Target, LeavesThePathEncoded) { EXPECT_EQ(parse_target("/a%2Fb?c=d")->path, "/a%2Fb"); }

TEST(Target, DecodesTheQueryBeforeItIsSplit) {
  EXPECT_EQ(found("/p?kid=a%26fmt=tink", "fmt"), "tink");
  EXPECT_EQ(found("/p?kid%3Da", "kid"), "a");
  EXPECT_EQ(found("/p?kid=a%26fmt", "kid"), "a");
}

TEST(Target, TakesTheLastOfEqualNames) {
  EXPECT_EQ(found("/p?kid=a&kid=b", "kid"), "b");
  EXPECT_EQ(found("/p?kid=a&kid", "kid"), std::nullopt);
  EXPECT_EQ(parse_target("/p?kid=a&kid=b")->query.size(), 1u);
}

TEST(Target, LosesTextAfterASecondEqualsSign) {
  EXPECT_EQ(found("/p?kid=a=b", "kid"), "a");
  EXPECT_EQ(found("/p?kid==b", "kid"), "");
}

TEST(Target, TellsAnEmptyValueFromNone) {
  EXPECT_EQ(found("/p?fmt=", "fmt"), "");
  EXPECT_EQ(found("/p?fmt", "fmt"), std::nullopt);
  EXPECT_EQ(found("/p", "fmt"), std::nullopt);
}

TEST(Target, ReadsPlusAsSpaceAndKeepsABrokenPercent) {
  EXPECT_EQ(found("/p?a=b+c", "a"), "b c");
  EXPECT_EQ(found("/p?a=b%2Bc", "a"), "b+c");
  EXPECT_EQ(found("/p?a=b%2", "a"), "b%2");
  EXPECT_EQ(found("/p?a=b%zz", "a"), "b%zz");
  EXPECT_EQ(found("/p?a=%c3%A9", "a"), "\xc3\xa9");
}

TEST(Target, DropsAFragment) {
  EXPECT_EQ(found("/p?a=b#c", "a"), "b");
  EXPECT_EQ(parse_target("/p#c?a=b")->path, "/p");
}

TEST(Target, TakesAnAbsoluteUrlAndTheAsterisk) {
  EXPECT_EQ(parse_target("https://kms.example:8000/app/key?a=b")->path, "/app/key");
  EXPECT_EQ(found("http://kms.example?a=b", "a"), "b");
  EXPECT_EQ(parse_target("http://kms.example?a=b")->path, "/");
  EXPECT_EQ(parse_target("https://kms.example")->path, "/");
  EXPECT_EQ(parse_target("*")->path, "*");
}

TEST(Target, RefusesOtherForms) {
  for (const char* text : {"", "app/key", "?a=b", "kms.example:443", "ftp://a/b", "**"}) {
    const auto target = parse_target(text);
    ASSERT_FALSE(target) << text;
    EXPECT_EQ(target.error().message, "request target: neither a path nor an http or https URL");
  }
}

TEST(Target, IsBounded) {
  EXPECT_TRUE(parse_target("/" + std::string(limits::kRequestTargetBytesMax - 1, 'a')));
  const auto large = parse_target("/" + std::string(limits::kRequestTargetBytesMax, 'a'));
  ASSERT_FALSE(large);
  EXPECT_EQ(large.error().message, "request target: over 8192 bytes");
  std::string many = "/p?";
  for (int i = 0; i < 64; ++i) many += "n" + std::to_string(i) + "&";
  EXPECT_TRUE(parse_target(many));
  const auto more = parse_target(many + "m");
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().message, "request target: over 64 names in the query");
}

}  // namespace
}  // namespace vitrine::net
