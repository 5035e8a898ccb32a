// Making numbers, points and signatures, for tests of p384/ only.
#pragma once

#include "base/random.h"
#include "crypto/p384/point.h"
#include "crypto/p384/scalar.h"

namespace vitrine::crypto::p384 {

inline Number small_number(Limb small) { return {{small, 0, 0, 0, 0, 0}}; }
inline Number order_minus(Limb small) {
  Number out{};
  subtract(out, kOrder, small_number(small));
  return out;
}

inline Bytes bytes_of(const Number& a) {
  Bytes out;
  for (int i = kLimbs - 1; i >= 0; --i) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      out.push_back(static_cast<Byte>(a.limb[i] >> shift));
    }
  }
  return out;
}

inline Bytes bytes_of(const Affine& a) {
  Bytes out = {4};
  append(out, bytes_of(from_field(a.x)));
  append(out, bytes_of(from_field(a.y)));
  return out;
}

inline Bytes signature_of(const Number& r, const Number& s) {
  Bytes out = bytes_of(r);
  append(out, bytes_of(s));
  return out;
}

inline Number random_scalar() {
  SystemRandom random;
  return reduce_modulo_order(number_from(random_array<kNumberBytes>(random)));
}

// a * b modulo `modulus`, by additions alone.
inline Number product(const Number& a, const Number& b, const Number& modulus = kOrder) {
  Number out{};
  for (int bit = 64 * kLimbs - 1; bit >= 0; --bit) {
    out = add_modulo(out, out, modulus);
    if ((b.limb[bit / 64] >> (bit % 64)) & 1) out = add_modulo(out, a, modulus);
  }
  return out;
}

inline Affine affine_of(const Jacobian& a) {
  const Field z = invert(a.z), zz = square(z);
  return {a.x * zz, a.y * zz * z};
}

// One of the two points with this x, where there are any: y = (y^2)^((p+1)/4), as p is 3 modulo 4.
inline std::optional<Affine> point_with_x(const Field& x) {
  const Affine& g = generator();
  const auto right_side = [](const Field& a) { return square(a) * a - (a + a + a); };
  const Field y_squared = right_side(x) + (square(g.y) - right_side(g.x));
  Number exponent{};
  add(exponent, kPrime, small_number(1));
  Field y = kOne;
  for (int bit = 64 * kLimbs - 1; bit >= 2; --bit) {
    y = square(y);
    if ((exponent.limb[bit / 64] >> (bit % 64)) & 1) y = y * y_squared;
  }
  if (square(y) != y_squared) return std::nullopt;
  return Affine{x, y};
}

}  // namespace vitrine::crypto::p384
