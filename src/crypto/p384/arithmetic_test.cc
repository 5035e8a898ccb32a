// Field and scalars against the slowest arithmetic there is: additions alone.
#include <gtest/gtest.h>

#include <vector>

#include "crypto/p384/numbers_for_testing.h"

namespace vitrine::crypto::p384 {
namespace {

Number minus(const Number& a, Limb b) {
  Number out{};
  subtract(out, a, small_number(b));
  return out;
}

// Where carries, borrows and final subtractions go wrong, if anywhere; and some of no kind.
std::vector<Number> interesting(const Number& modulus) {
  std::vector<Number> out;
  for (Limb small = 0; small < 4; ++small) {
    out.push_back({{small, 0, 0, 0, 0, 0}});
    out.push_back(minus(modulus, small + 1));
  }
  for (int limb = 0; limb < kLimbs; ++limb) {
    Number one{}, ones{};
    one.limb[limb] = 1;
    for (int i = 0; i < limb; ++i) ones.limb[i] = ~Limb{0};
    out.push_back(one);
    out.push_back(ones);
  }
  for (const Limb limb : {Limb{0xffffffff}, Limb{0xffffffff00000000}, Limb{0xfffffffeffffffff}}) {
    out.push_back({{limb, limb, limb, limb, limb, 0x7fffffffffffffff}});
  }
  SystemRandom random;
  for (int i = 0; i < 40; ++i) {
    out.push_back(reduce_once(0, number_from(random_array<48>(random)), modulus));
  }
  return out;
}

TEST(P384Field, MultipliesAsRepeatedAdditionDoes) {
  const auto numbers = interesting(kPrime);
  for (const Number& a : numbers) {
    EXPECT_EQ(from_field(to_field(a)), a);
    EXPECT_EQ(from_field(square(to_field(a))), product(a, a, kPrime));
    for (const Number& b : numbers) {
      ASSERT_EQ(from_field(to_field(a) * to_field(b)), product(a, b, kPrime));
    }
  }
}

TEST(P384Field, MultipliesEveryRepresentationAndNotOnlyThoseOfChosenNumbers) {
  // The same numbers taken as Montgomery forms: the limbs that meet in the multiplier are these.
  const auto numbers = interesting(kPrime);
  for (const Number& a : numbers) {
    EXPECT_EQ(square(Field{a}), Field{a} * Field{a});
    for (const Number& b : numbers) {
      const Field made = Field{a} * Field{b};
      ASSERT_TRUE(is_less(made.value, kPrime));
      ASSERT_EQ(from_field(made), product(from_field({a}), from_field({b}), kPrime));
    }
  }
}

TEST(P384Field, AddsSubtractsAndInverts) {
  const auto numbers = interesting(kPrime);
  for (const Number& a : numbers) {
    const Field x = to_field(a);
    EXPECT_EQ(x - x, kZero);
    EXPECT_EQ(x + -x, kZero);
    EXPECT_EQ(invert(x) * x, is_zero(a) ? kZero : kOne);
    for (const Number& b : numbers) {
      ASSERT_EQ((x + to_field(b)) - to_field(b), x);
      ASSERT_EQ(from_field(x + to_field(b)), add_modulo(a, b, kPrime));
    }
  }
  EXPECT_EQ(from_field(kOne), (Number{{1, 0, 0, 0, 0, 0}}));
}

TEST(P384Scalar, DividesSoThatMultiplyingGivesBack) {
  const auto numbers = interesting(kOrder);
  for (const Number& divisor : numbers) {
    if (is_zero(divisor)) continue;
    const Reciprocal reciprocal(divisor);
    for (const Number& a : numbers) {
      const Number quotient = reciprocal.times(a);
      ASSERT_TRUE(is_less(quotient, kOrder));
      ASSERT_EQ(product(quotient, divisor, kOrder), a);
    }
  }
}

TEST(P384Scalar, DividesByEveryPowerOfTwo) {
  for (int bit = 0; bit < 384; ++bit) {
    Number power{};
    power.limb[bit / 64] = Limb{1} << (bit % 64);
    EXPECT_EQ(product(Reciprocal(power).times({{7, 0, 0, 0, 0, 0}}), power, kOrder),
              (Number{{7, 0, 0, 0, 0, 0}}));
  }
}

TEST(P384Scalar, IsFromOneToTheOrderLessOne) {
  EXPECT_FALSE(is_scalar({}));
  EXPECT_TRUE(is_scalar({{1, 0, 0, 0, 0, 0}}));
  EXPECT_TRUE(is_scalar(minus(kOrder, 1)));
  EXPECT_FALSE(is_scalar(kOrder));
  EXPECT_FALSE(is_scalar(kPrime));
}

TEST(P384Number, ReadsBigEndianOfAnyWidth) {
  EXPECT_EQ(number_from({}), Number{});
  const Bytes two = {1, 2};
  EXPECT_EQ(number_from(two), (Number{{0x102, 0, 0, 0, 0, 0}}));
  Bytes whole(48);
  for (std::size_t i = 0; i < whole.size(); ++i) whole[i] = static_cast<Byte>(i);
  EXPECT_EQ(number_from(whole).limb[5], 0x0001020304050607U);
  EXPECT_EQ(number_from(whole).limb[0], 0x28292a2b2c2d2e2fU);
}

}  // namespace
}  // namespace vitrine::crypto::p384
