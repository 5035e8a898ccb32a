#include "crypto/p384/field.h"

#include "base/assert.h"

namespace vitrine::crypto::p384 {
namespace {

struct Product {
  Limb limb[2 * kLimbs];
};

// 2^768 mod p: into Montgomery form by one multiplication.
constexpr Number kTwoTo768 = {{0xfffffffe00000001, 0x0000000200000000, 0xfffffffe00000000,
                               0x0000000200000000, 0x0000000000000001, 0}};

[[gnu::always_inline]] inline Product multiply(const Number& a, const Number& b) {
  Product out{};
#pragma GCC unroll 6
  for (int i = 0; i < kLimbs; ++i) {
    Limb carry = 0;
#pragma GCC unroll 6
    for (int j = 0; j < kLimbs; ++j) {
      out.limb[i + j] = multiply_add(out.limb[i + j], a.limb[i], b.limb[j], carry);
    }
    out.limb[i + kLimbs] = carry;
  }
  return out;
}

// Each product of two different limbs once, doubled by a shift; then the six squares.
[[gnu::always_inline]] inline Product multiply_self(const Number& a) {
  Product out{};
#pragma GCC unroll 6
  for (int i = 0; i < kLimbs - 1; ++i) {
    Limb carry = 0;
#pragma GCC unroll 6
    for (int j = i + 1; j < kLimbs; ++j) {
      out.limb[i + j] = multiply_add(out.limb[i + j], a.limb[i], a.limb[j], carry);
    }
    out.limb[i + kLimbs] = carry;
  }
#pragma GCC unroll 12
  for (int i = 2 * kLimbs - 1; i > 0; --i) {
    out.limb[i] = (out.limb[i] << 1) | (out.limb[i - 1] >> 63);
  }
  Limb carry = 0;
#pragma GCC unroll 6
  for (int i = 0; i < kLimbs; ++i) {
    const Wide square = static_cast<Wide>(a.limb[i]) * a.limb[i];
    out.limb[2 * i] = add_carry(out.limb[2 * i], static_cast<Limb>(square), carry);
    out.limb[2 * i + 1] = add_carry(out.limb[2 * i + 1], static_cast<Limb>(square >> 64), carry);
  }
  return out;
}

// t / 2^384 mod p, by six steps of Montgomery's reduction (Handbook of Applied Cryptography,
// 14.32), each of which adds w * p to make the lowest limb zero. p leaves few products to be done:
//   w * p = w * 2^384 - w * (2^64 - 2^32 + 1) - 2^64 * w * (2^32 - 1) - 2^128 * w.
[[gnu::always_inline]] inline Field reduce(Product t) {
  Limb top = 0;  // carry out of limb i + kLimbs
#pragma GCC unroll 6
  for (int i = 0; i < kLimbs; ++i) {
    const Limb w = t.limb[i] + (t.limb[i] << 32);  // -1 / p is 2^32 + 1 modulo 2^64
    const Limb first = static_cast<Limb>((static_cast<Wide>(w) * 0xffffffff00000001) >> 64);
    const Wide second = static_cast<Wide>(w) * 0xffffffff;
    Limb carry = 0;
    const Limb low = add_carry(first, static_cast<Limb>(second), carry);
    const Limb high = static_cast<Limb>(second >> 64) + carry;  // below 2^32: no carry
    Limb borrow = 0;
    t.limb[i + 1] = subtract_borrow(t.limb[i + 1], low, borrow);
    t.limb[i + 2] = subtract_borrow(t.limb[i + 2], high, borrow);
    // w at 2^128 of the step, and what was borrowed below it.
    Limb borrow2 = 0;
    t.limb[i + 2] = subtract_borrow(t.limb[i + 2], w, borrow2);
    t.limb[i + 3] = subtract_borrow(t.limb[i + 3], borrow, borrow2);
    t.limb[i + 4] = subtract_borrow(t.limb[i + 4], 0, borrow2);
    t.limb[i + 5] = subtract_borrow(t.limb[i + 5], 0, borrow2);
    // w - borrow is not negative: where w is zero, nothing was borrowed.
    t.limb[i + 6] = add_carry(t.limb[i + 6], w - borrow2, top);
  }
  const Number high = {{t.limb[6], t.limb[7], t.limb[8], t.limb[9], t.limb[10], t.limb[11]}};
  return {reduce_once(top, high, kPrime)};
}

}  // namespace

Field operator*(const Field& a, const Field& b) { return reduce(multiply(a.value, b.value)); }

Field square(const Field& a) { return reduce(multiply_self(a.value)); }

// a^(p-2), by Fermat; rare enough for the plainest ladder.
Field invert(const Field& a) {
  Number exponent = kPrime;
  exponent.limb[0] -= 2;
  Field out = kOne;
  for (int bit = 64 * kLimbs - 1; bit >= 0; --bit) {
    out = square(out);
    if ((exponent.limb[bit / 64] >> (bit % 64)) & 1) out = out * a;
  }
  return out;
}

Field to_field(const Number& a) {
  VITRINE_ASSERT(is_less(a, kPrime));
  return Field{a} * Field{kTwoTo768};
}

Number from_field(const Field& a) {
  Product t{};
  for (int i = 0; i < kLimbs; ++i) t.limb[i] = a.value.limb[i];
  return reduce(t).value;
}

}  // namespace vitrine::crypto::p384
