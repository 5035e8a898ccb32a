#include "service/path_pattern.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

namespace vitrine::service {
namespace {

TEST(PathPatterns, NamePartsOfAPath) {
  const auto found =
      match_path("/p/{proposalId}/ballots/{memberId}:submit", "/p/12/ballots/ab:submit");
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (PathParameters{{"proposalId", "12"}, {"memberId", "ab"}}));
  EXPECT_EQ(match_path("/p/{id}", "/p/2.5"), (PathParameters{{"id", "2.5"}}));
  EXPECT_EQ(match_path("/p", "/p"), PathParameters());
}

TEST(PathPatterns, TakeNoOtherPath) {
  for (const char* path :
       {"", "/", "/p", "/p/", "/p/1/", "/p/1:", "/p/1:x", "/p//x", "/q/1", "/p/1/x", "p/1"})
    EXPECT_FALSE(match_path("/p/{id}", path)) << path;
  EXPECT_FALSE(match_path("/p/{id}:ack", "/p/1"));
  EXPECT_FALSE(match_path("/p/{id}:ack", "/p/:ack"));
  EXPECT_FALSE(match_path("/p/{id}:ack", "/p/1:acknowledge"));
  EXPECT_FALSE(match_path("/p/{id}/x", "/p/1/2/x")) << "a part has no slash";
}

// Whatever it takes is the pattern with its names replaced, and no value holds a separator.
TEST(PathPatterns, AreWhatTheyTake) {
  std::mt19937 random(20261130);
  const auto noise = [&random] {
    constexpr std::string_view kAlphabet = "/:{}abc";
    std::string text;
    for (auto left = random() % 4; left > 0; --left) text += kAlphabet[random() % kAlphabet.size()];
    return text;
  };
  int taken = 0;
  for (int round = 0; round < 20'000; ++round) {
    const std::string path = "/p/" + noise() + "/b/" + noise() + ":ab" + (round % 2 ? noise() : "");
    const auto found = match_path("/p/{a}/b/{c}:ab", path);
    if (!found) continue;
    ++taken;
    const std::string first((*found)[0].second), second((*found)[1].second);
    EXPECT_EQ("/p/" + first + "/b/" + second + ":ab", path);
    EXPECT_EQ((first + second).find_first_of("/:"), std::string::npos) << path;
  }
  EXPECT_GT(taken, 100);
}

TEST(PathPatterns, AreToldFromPaths) {
  EXPECT_TRUE(is_pattern("/p/{id}"));
  EXPECT_FALSE(is_pattern("/p/id"));
}

}  // namespace
}  // namespace vitrine::service
