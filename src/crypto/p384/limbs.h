// Numbers of 384 bits as six limbs, least significant first, with the carries that C++ does not
// have. VARIABLE TIME, as all of p384/: for public values only.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace vitrine::crypto::p384 {

using Limb = std::uint64_t;
__extension__ typedef unsigned __int128 Wide;  // what two limbs multiply to

inline constexpr int kLimbs = 6;
inline constexpr std::size_t kNumberBytes = 48;

struct Number {
  Limb limb[kLimbs];
  bool operator==(const Number&) const = default;
};

// a + b + carry; the new carry is 0 or 1.
constexpr Limb add_carry(Limb a, Limb b, Limb& carry) {
  const Wide sum = static_cast<Wide>(a) + b + carry;
  carry = static_cast<Limb>(sum >> 64);
  return static_cast<Limb>(sum);
}

// a - b - borrow; the new borrow is 0 or 1.
constexpr Limb subtract_borrow(Limb a, Limb b, Limb& borrow) {
  const Wide difference = static_cast<Wide>(a) - b - borrow;
  borrow = static_cast<Limb>(difference >> 64) & 1;
  return static_cast<Limb>(difference);
}

// to + a * b + carry, which fits in two limbs: the low one is returned, the high one is the new
// carry.
constexpr Limb multiply_add(Limb to, Limb a, Limb b, Limb& carry) {
  const Wide sum = static_cast<Wide>(a) * b + to + carry;
  carry = static_cast<Limb>(sum >> 64);
  return static_cast<Limb>(sum);
}

// out = a + b; gives the carry.
constexpr Limb add(Number& out, const Number& a, const Number& b) {
  Limb carry = 0;
  for (int i = 0; i < kLimbs; ++i) out.limb[i] = add_carry(a.limb[i], b.limb[i], carry);
  return carry;
}

// out = a - b; gives the borrow, so 1 where a < b.
constexpr Limb subtract(Number& out, const Number& a, const Number& b) {
  Limb borrow = 0;
  for (int i = 0; i < kLimbs; ++i) out.limb[i] = subtract_borrow(a.limb[i], b.limb[i], borrow);
  return borrow;
}

constexpr bool is_less(const Number& a, const Number& b) {
  Number unused{};
  return subtract(unused, a, b) != 0;
}

constexpr bool is_zero(const Number& a) {
  Limb any = 0;
  for (const Limb limb : a.limb) any |= limb;
  return any == 0;
}

// `take` ? a : b, without a branch that the processor would guess wrong half of the time.
constexpr Number choose(Limb take, const Number& a, const Number& b) {
  const Limb mask = 0 - take;
  Number out{};
  for (int i = 0; i < kLimbs; ++i) out.limb[i] = (a.limb[i] & mask) | (b.limb[i] & ~mask);
  return out;
}

// `carry` and `a` together, less `modulus` where they are not below it.
constexpr Number reduce_once(Limb carry, const Number& a, const Number& modulus) {
  Number less{};
  const Limb borrow = subtract(less, a, modulus);
  return choose(borrow & (1 - carry), a, less);
}

constexpr Number add_modulo(const Number& a, const Number& b, const Number& modulus) {
  Number sum{};
  const Limb carry = add(sum, a, b);
  return reduce_once(carry, sum, modulus);
}

constexpr Number subtract_modulo(const Number& a, const Number& b, const Number& modulus) {
  Number difference{};
  const Limb mask = 0 - subtract(difference, a, b);
  Limb carry = 0;
  for (int i = 0; i < kLimbs; ++i) {
    difference.limb[i] = add_carry(difference.limb[i], modulus.limb[i] & mask, carry);
  }
  return difference;
}

// Big-endian, at most kNumberBytes.
constexpr Number number_from(ByteView bytes) {
  Number out{};
  for (const Byte byte : bytes) {
    for (int i = kLimbs - 1; i > 0; --i) {
      out.limb[i] = (out.limb[i] << 8) | (out.limb[i - 1] >> 56);
    }
    out.limb[0] = (out.limb[0] << 8) | byte;
  }
  return out;
}

}  // namespace vitrine::crypto::p384
