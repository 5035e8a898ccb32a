// Arithmetic modulo p = 2^384 - 2^128 - 2^96 + 2^32 - 1 (SP 800-186, 3.2.1.4). Elements are kept in
// Montgomery form, a * 2^384 mod p, always fully reduced: each has one representation, and == is
// equality. VARIABLE TIME: for public values only.
#pragma once

#include "crypto/p384/limbs.h"

namespace vitrine::crypto::p384 {

inline constexpr Number kPrime = {{0x00000000ffffffff, 0xffffffff00000000, 0xfffffffffffffffe,
                                   0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff}};

struct Field {
  Number value;
  bool operator==(const Field&) const = default;
};

inline constexpr Field kZero = {};
inline constexpr Field kOne = {
    {{0xffffffff00000001, 0x00000000ffffffff, 1, 0, 0, 0}}};  // 2^384 - p

constexpr Field operator+(const Field& a, const Field& b) {
  return {add_modulo(a.value, b.value, kPrime)};
}
constexpr Field operator-(const Field& a, const Field& b) {
  return {subtract_modulo(a.value, b.value, kPrime)};
}
constexpr Field operator-(const Field& a) { return kZero - a; }

Field operator*(const Field& a, const Field& b);
Field square(const Field& a);
Field invert(const Field& a);  // of zero: zero

// Asserts `a` < p.
Field to_field(const Number& a);
Number from_field(const Field& a);

}  // namespace vitrine::crypto::p384
