#include "service/path_pattern.h"

#include <gtest/gtest.h>

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

TEST(PathPatterns, AreToldFromPaths) {
  EXPECT_TRUE(is_pattern("/p/{id}"));
  EXPECT_FALSE(is_pattern("/p/id"));
}

}  // namespace
}  // namespace vitrine::service
