#include "base/random.h"

#include <gtest/gtest.h>

namespace vitrine {
namespace {

TEST(SystemRandom, FillsTheWholeOfALargeBuffer) {
  Bytes bytes(100'000);
  SystemRandom random;
  random.fill(bytes);
  // A part left alone would show as zeros; 32 random ones have probability 2^-256.
  for (std::size_t i = 0; i + 32 <= bytes.size(); i += 32) {
    ASSERT_FALSE(all_zero(ByteView(bytes).subspan(i, 32))) << i;
  }
}

TEST(SystemRandom, DoesNotRepeat) {
  SystemRandom random;
  EXPECT_NE((random_array<16>(random)), (random_array<16>(random)));
}

}  // namespace
}  // namespace vitrine
