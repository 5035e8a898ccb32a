#include "base/recently_used.h"

#include <gtest/gtest.h>

namespace vitrine {
namespace {

Digest key(Byte first) {
  Digest digest;
  digest.bytes[0] = first;
  return digest;
}

TEST(RecentlyUsed, ForgetsWhatWasUsedLeastRecently) {
  RecentlyUsed<int> cache(2);
  cache.insert(key(1), std::make_shared<const int>(1));
  cache.insert(key(2), std::make_shared<const int>(2));
  ASSERT_NE(cache.find(key(1)), nullptr);
  cache.insert(key(3), std::make_shared<const int>(3));
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_NE(cache.find(key(1)), nullptr);
  EXPECT_EQ(cache.find(key(2)), nullptr);
  EXPECT_EQ(*cache.find(key(3)), 3);
  cache.insert(key(3), std::make_shared<const int>(4));
  EXPECT_EQ(cache.size(), 2U);
  EXPECT_EQ(*cache.find(key(3)), 4);
}

}  // namespace
}  // namespace vitrine
