#include "crypto/p384/point.h"

namespace vitrine::crypto::p384 {
namespace {

constexpr Number kB = {{0x2a85c8edd3ec2aef, 0xc656398d8a2ed19d, 0x0314088f5013875a,
                        0x181d9c6efe814112, 0x988e056be3f82d19, 0xb3312fa7e23ee7e4}};
constexpr Number kGeneratorX = {{0x3a545e3872760ab7, 0x5502f25dbf55296c, 0x59f741e082542a38,
                                 0x6e1d3b628ba79b98, 0x8eb1c71ef320ad74, 0xaa87ca22be8b0537}};
constexpr Number kGeneratorY = {{0x7a431d7c90ea0e5f, 0x0a60b1ce1d7e819d, 0xe9da3113b5f0b8c0,
                                 0xf8f41dbd289a147c, 0x5d9e98bf9292dc29, 0x3617de4a96262c6f}};

Field doubled(const Field& a) { return a + a; }

// Two points with the same x: they are equal, or each other's negative.
Jacobian add_same_x(const Jacobian& a, bool same_y) { return same_y ? twice(a) : kInfinity; }

// What both additions end with: a's coordinates brought to a common Z with b's differ by `h` in x
// and `r` in y (add-2007-bl without its factors of two).
Jacobian finish_addition(const Field& x, const Field& y, const Field& z, const Field& h,
                         const Field& r) {
  const Field hh = square(h), hhh = h * hh, v = x * hh;
  Jacobian out{};
  out.x = square(r) - hhh - doubled(v);
  out.y = r * (v - out.x) - y * hhh;
  out.z = z * h;
  return out;
}

}  // namespace

// dbl-2001-b of the Explicit-Formulas Database. No point of odd order has y = 0, and infinity
// gives infinity.
Jacobian twice(const Jacobian& a) {
  const Field delta = square(a.z), gamma = square(a.y), beta = a.x * gamma;
  const Field slope = (a.x - delta) * (a.x + delta);
  const Field alpha = doubled(slope) + slope;
  const Field beta4 = doubled(doubled(beta));
  Jacobian out{};
  out.x = square(alpha) - doubled(beta4);
  out.z = square(a.y + a.z) - gamma - delta;
  out.y = alpha * (beta4 - out.x) - doubled(doubled(doubled(square(gamma))));
  return out;
}

Jacobian operator+(const Jacobian& a, const Jacobian& b) {
  if (a.is_infinity()) return b;
  if (b.is_infinity()) return a;
  const Field zz_a = square(a.z), zz_b = square(b.z);
  const Field x_a = a.x * zz_b, y_a = a.y * b.z * zz_b;
  const Field h = b.x * zz_a - x_a, r = b.y * a.z * zz_a - y_a;
  if (h == kZero) return add_same_x(a, r == kZero);
  return finish_addition(x_a, y_a, a.z * b.z, h, r);
}

Jacobian operator+(const Jacobian& a, const Affine& b) {
  if (a.is_infinity()) return to_jacobian(b);
  const Field zz = square(a.z);
  const Field h = b.x * zz - a.x, r = b.y * a.z * zz - a.y;
  if (h == kZero) return add_same_x(a, r == kZero);
  return finish_addition(a.x, a.y, a.z, h, r);
}

const Affine& generator() {
  static const Affine point{to_field(kGeneratorX), to_field(kGeneratorY)};
  return point;
}

bool is_on_curve(const Affine& a) {
  static const Field b = to_field(kB);
  const Field three_x = doubled(a.x) + a.x;
  return square(a.y) == square(a.x) * a.x - three_x + b;
}

std::optional<Affine> point_from(ByteView bytes) {
  if (bytes.size() != 1 + 2 * kNumberBytes || bytes[0] != 0x04) return std::nullopt;
  const Number x = number_from(bytes.subspan(1, kNumberBytes));
  const Number y = number_from(bytes.subspan(1 + kNumberBytes));
  if (!is_less(x, kPrime) || !is_less(y, kPrime)) return std::nullopt;
  const Affine point{to_field(x), to_field(y)};
  if (!is_on_curve(point)) return std::nullopt;
  return point;
}

}  // namespace vitrine::crypto::p384
