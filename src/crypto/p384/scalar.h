// Arithmetic modulo n, the prime order of the curve's group (SP 800-186, 3.2.1.4). VARIABLE TIME:
// for public values only.
#pragma once

#include "crypto/p384/limbs.h"

namespace vitrine::crypto::p384 {

inline constexpr Number kOrder = {{0xecec196accc52973, 0x581a0db248b0a77a, 0xc7634d81f4372ddf,
                                   0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff}};

// From 1 to n - 1.
constexpr bool is_scalar(const Number& a) { return !is_zero(a) && is_less(a, kOrder); }

// a modulo n; any number of 384 bits is below 2n.
constexpr Number reduce_modulo_order(const Number& a) { return reduce_once(0, a, kOrder); }

// 1 / `divisor` modulo n, in Montgomery form, so that each quotient costs one multiplication.
class Reciprocal {
 public:
  explicit Reciprocal(const Number& divisor);  // asserts is_scalar(divisor)
  Number times(const Number& a) const;         // a / divisor modulo n; a < n

 private:
  Number montgomery_{};
};

}  // namespace vitrine::crypto::p384
