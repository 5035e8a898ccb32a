// Multiples of points: of one seen for the first time, by doublings; of one used often, from a
// table without any. VARIABLE TIME: for public values only.
#pragma once

#include <vector>

#include "crypto/p384/point.h"

namespace vitrine::crypto::p384 {

// scalar * point, for any scalar of 384 bits.
Jacobian multiply(const Affine& point, const Number& scalar);

// For each window of `window_bits` bits of a scalar, the multiples that the window may stand for.
// Immutable; safe from any thread.
class Table {
 public:
  // 77 windows of 16 points, 118 KB, made in a few milliseconds: for keys.
  static constexpr int kKeyWindowBits = 5;
  // 55 windows of 64 points, 338 KB: for the generator.
  static constexpr int kGeneratorWindowBits = 7;

  // Asserts that window_bits is one of the two: with both, a window reaches past bit 384, which
  // takes up the last carry.
  Table(const Affine& point, int window_bits);
  // sum + scalar * point, for any scalar of 384 bits.
  Jacobian add_multiple(Jacobian sum, const Number& scalar) const;
  std::size_t bytes() const { return points_.size() * sizeof(Affine); }

 private:
  int window_bits_;
  std::vector<Affine> points_;  // [window][multiple - 1]
};

// Made at its first use.
const Table& generator_table();

}  // namespace vitrine::crypto::p384
