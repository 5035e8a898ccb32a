// Points and multiples against libcrypto's.
#include <gtest/gtest.h>

#include "crypto/diffie_hellman.h"
#include "crypto/p384/multiples.h"
#include "crypto/p384/numbers_for_testing.h"

namespace vitrine::crypto::p384 {
namespace {

std::vector<Number> scalars() {
  std::vector<Number> out;
  for (Limb small = 1; small < 70; ++small) {
    out.push_back(small_number(small));
    out.push_back(order_minus(small));
  }
  for (int bit = 0; bit < 384; bit += 7) {
    Number power{};
    power.limb[bit / 64] = Limb{1} << (bit % 64);
    out.push_back(power);
  }
  SystemRandom random;
  for (int i = 0; i < 30; ++i) {
    out.push_back(reduce_modulo_order(number_from(random_array<48>(random))));
  }
  return out;
}

// libcrypto's scalar * G.
Affine reference(const Number& scalar) {
  const auto bytes = diffie_hellman_public_of(KeyKind::ec_p384, bytes_of(scalar));
  EXPECT_TRUE(bytes.has_value());
  const auto point = point_from(*bytes);
  EXPECT_TRUE(point.has_value());
  return *point;
}

void expect_same(const Jacobian& a, const Affine& b) {
  ASSERT_FALSE(a.is_infinity());
  const Field zz = square(a.z);
  EXPECT_EQ(a.x, b.x * zz);
  EXPECT_EQ(a.y, b.y * zz * a.z);
}

TEST(P384Point, ReadsOnlyUncompressedPointsOfTheCurve) {
  Bytes good = *diffie_hellman_public_of(KeyKind::ec_p384, bytes_of(small_number(1)));
  ASSERT_EQ(point_from(good), generator());
  EXPECT_FALSE(point_from({}).has_value());
  EXPECT_FALSE(point_from(ByteView(good).first(96)).has_value());
  for (const Byte form : {0, 2, 3, 5, 6, 7}) {
    Bytes bad = good;
    bad[0] = form;
    EXPECT_FALSE(point_from(bad).has_value()) << int{form};
  }
  for (std::size_t i = 1; i < good.size(); ++i) {
    Bytes bad = good;
    bad[i] ^= 1;
    EXPECT_FALSE(point_from(bad).has_value()) << i;
  }
  Bytes zero(97);
  zero[0] = 4;
  EXPECT_FALSE(point_from(zero).has_value());
}

TEST(P384Point, RefusesACoordinateThatIsNotReduced) {
  // x = 2 is of a point, and p + 2 fits in 48 bytes.
  const auto point = point_with_x(kOne + kOne);
  ASSERT_TRUE(point.has_value());
  Number large{};
  add(large, kPrime, small_number(2));
  for (const bool reduced : {true, false}) {
    Bytes bytes = {4};
    append(bytes, bytes_of(reduced ? small_number(2) : large));
    append(bytes, bytes_of(from_field(point->y)));
    EXPECT_EQ(point_from(bytes).has_value(), reduced);
  }
}

TEST(P384Point, AddsInEveryExceptionalCase) {
  const Affine g = generator();
  const Jacobian one = to_jacobian(g);
  const Jacobian two = twice(one), minus_one = to_jacobian(-g);
  expect_same(one + g, reference(small_number(2)));
  expect_same(one + one, reference(small_number(2)));
  expect_same(two + g, reference(small_number(3)));
  expect_same(two + one, reference(small_number(3)));
  expect_same(two + two, reference(small_number(4)));
  expect_same((two + g) + (one + two), reference(small_number(6)));
  EXPECT_TRUE((one + -g).is_infinity());
  EXPECT_TRUE((one + minus_one).is_infinity());
  EXPECT_TRUE((two + (minus_one + minus_one)).is_infinity());
  EXPECT_TRUE((kInfinity + kInfinity).is_infinity());
  EXPECT_TRUE(twice(kInfinity).is_infinity());
  EXPECT_TRUE(twice(one + -g).is_infinity());
  expect_same(kInfinity + g, g);
  expect_same(kInfinity + two, reference(small_number(2)));
  expect_same(two + kInfinity, reference(small_number(2)));
}

TEST(P384Multiples, AreThoseOfLibcrypto) {
  const Number base_scalar = scalars().back();
  const Affine base = reference(base_scalar);
  const Table table(base, Table::kKeyWindowBits);
  EXPECT_EQ(table.bytes(), 77U * 16 * 96);
  EXPECT_EQ(generator_table().bytes(), 55U * 64 * 96);
  const Bytes base_bytes = *diffie_hellman_public_of(KeyKind::ec_p384, bytes_of(base_scalar));
  for (const Number& scalar : scalars()) {
    const Affine of_generator = reference(scalar);
    expect_same(multiply(generator(), scalar), of_generator);
    expect_same(generator_table().add_multiple(kInfinity, scalar), of_generator);
    const Jacobian fresh = multiply(base, scalar);
    const Jacobian fast = table.add_multiple(kInfinity, scalar);
    const auto x =
        diffie_hellman(KeyKind::ec_p384, bytes_of(scalar),
                       *diffie_hellman_public_of(KeyKind::ec_p384, bytes_of(scalar)), base_bytes);
    ASSERT_TRUE(x.has_value());
    EXPECT_EQ(fresh.x, to_field(number_from(x->reveal())) * square(fresh.z));
    EXPECT_EQ(fast.x, to_field(number_from(x->reveal())) * square(fast.z));
    EXPECT_TRUE((fresh + Jacobian{fast.x, -fast.y, fast.z}).is_infinity());
  }
}

TEST(P384Multiples, OfZeroAndTheOrderAreInfinity) {
  const Table table(reference(small_number(5)), Table::kKeyWindowBits);
  for (const Number& scalar : {small_number(0), kOrder}) {
    EXPECT_TRUE(multiply(generator(), scalar).is_infinity());
    EXPECT_TRUE(generator_table().add_multiple(kInfinity, scalar).is_infinity());
    EXPECT_TRUE(table.add_multiple(kInfinity, scalar).is_infinity());
  }
  Number all{};
  subtract(all, small_number(0), small_number(1));  // 2^384 - 1, the longest run of carries
  const Number reduced = reduce_modulo_order(all);
  expect_same(multiply(generator(), all), reference(reduced));
  expect_same(generator_table().add_multiple(kInfinity, all), reference(reduced));
}

}  // namespace
}  // namespace vitrine::crypto::p384
