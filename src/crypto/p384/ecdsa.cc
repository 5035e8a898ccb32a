#include "crypto/p384/ecdsa.h"

#include <algorithm>

#include "base/assert.h"
#include "crypto/p384/scalar.h"

namespace vitrine::crypto::p384 {
namespace {

Jacobian add_multiple(const Jacobian& sum, const Table& key, const Number& scalar) {
  return key.add_multiple(sum, scalar);
}
Jacobian add_multiple(const Jacobian& sum, const Affine& key, const Number& scalar) {
  return sum + multiply(key, scalar);
}

// Whether x(point) modulo n is r. x is below p and p is above n, so x is r, or r + n where that is
// below p. Compared as X against x * Z^2, which saves an inversion.
bool has_x(const Jacobian& point, const Number& r) {
  const Field zz = square(point.z);
  if (to_field(r) * zz == point.x) return true;
  Number wrapped{};
  const Limb carry = add(wrapped, r, kOrder);
  return carry == 0 && is_less(wrapped, kPrime) && to_field(wrapped) * zz == point.x;
}

struct Scalars {
  Number r, s;
};

Scalars scalars_of(ByteView signature) {
  VITRINE_ASSERT(signature.size() == kSignatureBytes);
  return {number_from(signature.first(kNumberBytes)), number_from(signature.last(kNumberBytes))};
}

template <class Key>
bool verify_with(const Key& key, ByteView digest, ByteView signature) {
  if (!is_in_range(signature)) return false;
  const auto [r, s] = scalars_of(signature);
  const Number e =
      reduce_modulo_order(number_from(digest.first(std::min(digest.size(), kNumberBytes))));
  const Reciprocal one_over_s(s);
  const Jacobian with_generator = generator_table().add_multiple(kInfinity, one_over_s.times(e));
  const Jacobian sum = add_multiple(with_generator, key, one_over_s.times(r));
  return !sum.is_infinity() && has_x(sum, r);
}

}  // namespace

bool is_in_range(ByteView signature) {
  const auto [r, s] = scalars_of(signature);
  return is_scalar(r) && is_scalar(s);
}

bool verify(const Affine& key, ByteView digest, ByteView signature) {
  return verify_with(key, digest, signature);
}

bool verify(const Table& key, ByteView digest, ByteView signature) {
  return verify_with(key, digest, signature);
}

}  // namespace vitrine::crypto::p384
