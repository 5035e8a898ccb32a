#include "base/result.h"

#include <gtest/gtest.h>

#include "base/assert.h"

namespace vitrine {
namespace {

Result<int> half_of(int number) {
  if (number % 2 != 0) return malformed("odd", "double it");
  return number / 2;
}
Result<int> quarter_of(int number) {
  VITRINE_TRY(const int half, half_of(number));
  return half_of(half);
}
Status must_be_even(int number) {
  VITRINE_CHECK(half_of(number).map([](int) {}));
  return {};
}

TEST(Result, TryTakesTheValueOrReturnsTheError) {
  EXPECT_EQ(quarter_of(8).value(), 2);
  EXPECT_EQ(quarter_of(6).error().message, "odd");
  EXPECT_EQ(quarter_of(3).error().hint, "double it");
}

TEST(Result, CheckReturnsTheError) {
  EXPECT_TRUE(must_be_even(2));
  EXPECT_EQ(must_be_even(3).error().code, Code::malformed);
}

TEST(Result, ContextGoesInFrontOfTheMessage) {
  const auto error = in_context("number 3", half_of(3).error()).value();
  EXPECT_EQ(error.message, "number 3: odd");
  EXPECT_EQ(error.hint, "double it");
  EXPECT_STREQ(name_of(error.code), "malformed");
}

TEST(AssertDeathTest, EndsTheProcessAndSaysWhere) {
  EXPECT_DEATH(VITRINE_ASSERT(1 + 1 == 3),
               "broken invariant: 1 \\+ 1 == 3 at .*result_test.cc:[0-9]+");
}

}  // namespace
}  // namespace vitrine
