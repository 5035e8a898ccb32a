#include "crypto/p384/scalar.h"

#include <algorithm>
#include <bit>

#include "base/assert.h"

namespace vitrine::crypto::p384 {
namespace {

constexpr int kBits = 64 * kLimbs;
constexpr Limb kMinusOneOverOrder = 0x6ed46089e88fdc45;  // modulo 2^64

// a * b / 2^384 modulo n (Handbook of Applied Cryptography, 14.36).
Number montgomery_multiply(const Number& a, const Number& b) {
  Limb t[kLimbs + 2] = {};
  for (int i = 0; i < kLimbs; ++i) {
    Limb carry = 0;
    for (int j = 0; j < kLimbs; ++j) t[j] = multiply_add(t[j], a.limb[i], b.limb[j], carry);
    Limb top = 0;
    t[kLimbs] = add_carry(t[kLimbs], carry, top);
    t[kLimbs + 1] = top;

    const Limb w = t[0] * kMinusOneOverOrder;
    carry = 0;
    multiply_add(t[0], w, kOrder.limb[0], carry);  // zero, by the choice of w
    for (int j = 1; j < kLimbs; ++j) t[j - 1] = multiply_add(t[j], w, kOrder.limb[j], carry);
    top = 0;
    t[kLimbs - 1] = add_carry(t[kLimbs], carry, top);
    t[kLimbs] = t[kLimbs + 1] + top;
  }
  return reduce_once(t[kLimbs], {{t[0], t[1], t[2], t[3], t[4], t[5]}}, kOrder);
}

// By 0 to 63 bits.
void shift_right(Number& a, int bits) {
  if (bits == 0) return;
  for (int i = 0; i < kLimbs - 1; ++i) {
    a.limb[i] = (a.limb[i] >> bits) | (a.limb[i + 1] << (64 - bits));
  }
  a.limb[kLimbs - 1] >>= bits;
}

void shift_left(Number& a, int bits) {
  if (bits == 0) return;
  for (int i = kLimbs - 1; i > 0; --i) {
    a.limb[i] = (a.limb[i] << bits) | (a.limb[i - 1] >> (64 - bits));
  }
  a.limb[0] <<= bits;
}

// Halves `even` until it is odd, doubling `other` as often; gives how often. `even` is not zero.
int make_odd(Number& even, Number& other) {
  int halvings = 0;
  while ((even.limb[0] & 1) == 0) {
    const int now = std::min(std::countr_zero(even.limb[0]), 63);
    shift_right(even, now);
    shift_left(other, now);
    halvings += now;
  }
  return halvings;
}

constexpr Number kOne = {{1, 0, 0, 0, 0, 0}};

// 2^exponent modulo n, exponent from 0 to a little over 384.
Number power_of_two(int exponent) {
  const int bit = std::min(exponent, kBits - 1);
  Number out{};
  out.limb[bit / 64] = Limb{1} << (bit % 64);
  for (int i = bit; i < exponent; ++i) out = add_modulo(out, out, kOrder);
  return out;
}

}  // namespace

// Kaliski's almost inverse (IEEE Transactions on Computers 44(8), 1995), several halvings at a
// time. All along u*s + v*r = n, so r and s stay at or below n and no bit is shifted out, and
// s * divisor = v * 2^k modulo n.
Reciprocal::Reciprocal(const Number& divisor) {
  VITRINE_ASSERT(is_scalar(divisor));
  Number u = kOrder, v = divisor, r{}, s = kOne;
  int k = make_odd(v, r);
  while (u != v) {  // n is prime: their common divisor is 1, and they meet there
    Number difference{};
    if (subtract(difference, u, v) == 0) {
      u = difference;
      add(r, r, s);
      k += make_odd(u, s);
    } else {
      subtract(v, v, u);
      add(s, s, r);
      k += make_odd(v, r);
    }
  }
  // 1 / divisor = s / 2^k. u + v began above n and a halving halves it at most, u * v began below
  // n^2 and a halving halves it at least: k is from 383 to 767.
  montgomery_ = montgomery_multiply(s, power_of_two(2 * kBits - k));
}

Number Reciprocal::times(const Number& a) const { return montgomery_multiply(a, montgomery_); }

}  // namespace vitrine::crypto::p384
