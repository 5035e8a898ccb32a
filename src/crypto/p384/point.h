// Points of the curve y^2 = x^3 - 3x + b over Field (SP 800-186, 3.2.1.4), with every exceptional
// case of addition. VARIABLE TIME: for public values only.
#pragma once

#include <optional>

#include "crypto/p384/field.h"

namespace vitrine::crypto::p384 {

// A point other than infinity.
struct Affine {
  Field x, y;
  bool operator==(const Affine&) const = default;
};

inline Affine operator-(const Affine& a) { return {a.x, -a.y}; }

// x = X / Z^2, y = Y / Z^3; infinity where Z is zero.
struct Jacobian {
  Field x, y, z;
  bool is_infinity() const { return z == kZero; }
};

inline constexpr Jacobian kInfinity = {kOne, kOne, kZero};

inline Jacobian to_jacobian(const Affine& a) { return {a.x, a.y, kOne}; }

Jacobian twice(const Jacobian& a);
Jacobian operator+(const Jacobian& a, const Jacobian& b);
Jacobian operator+(const Jacobian& a, const Affine& b);

const Affine& generator();

bool is_on_curve(const Affine& a);

// From 04 || x || y (SEC 1, 2.3.4); nullopt where that is not the form, or not a point of the curve
// with both coordinates below p. The curve's cofactor is 1: each such point is in the group.
std::optional<Affine> point_from(ByteView bytes);

}  // namespace vitrine::crypto::p384
