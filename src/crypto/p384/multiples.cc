#include "crypto/p384/multiples.h"

#include "base/assert.h"

namespace vitrine::crypto::p384 {
namespace {

constexpr int kBits = 64 * kLimbs;

// A scalar as digits in base 2^bits, from 1 - 2^(bits-1) to 2^(bits-1): half the multiples do,
// since a negative costs nothing. The digits come from the lowest on; bits divides 385, so the
// window of the highest has room for the last carry.
class Digits {
 public:
  Digits(const Number& scalar, int bits) : scalar_(scalar), bits_(bits) {}
  static constexpr int count(int bits) { return (kBits + 1) / bits; }
  int next() {
    int digit = static_cast<int>(window()) + carry_;
    at_ += bits_;
    carry_ = digit > (1 << (bits_ - 1)) ? 1 : 0;
    return digit - (carry_ << bits_);
  }

 private:
  Limb window() const {
    const int limb = at_ / 64, shift = at_ % 64;
    Limb bits = scalar_.limb[limb] >> shift;
    if (shift + bits_ > 64 && limb + 1 < kLimbs) bits |= scalar_.limb[limb + 1] << (64 - shift);
    return bits & ((Limb{1} << bits_) - 1);
  }

  const Number& scalar_;
  const int bits_;
  int at_ = 0;
  int carry_ = 0;
};

// point, 2 * point, … count * point, added to `out`.
void append_multiples(std::vector<Jacobian>& out, const Jacobian& point, int count) {
  out.push_back(point);
  for (int i = 2; i <= count; ++i) {
    // The i-th from the (i/2)-th, where it is even: doubling is cheaper.
    const Jacobian& half = out[out.size() - static_cast<std::size_t>(i - i / 2)];
    out.push_back(i % 2 == 0 ? twice(half) : out.back() + point);
  }
}

// All with one inversion (Montgomery's trick). None is infinity.
std::vector<Affine> to_affine(const std::vector<Jacobian>& points) {
  std::vector<Field> products;  // of z, up to and with each point
  products.reserve(points.size());
  Field product = kOne;
  for (const Jacobian& point : points) {
    product = product * point.z;
    products.push_back(product);
  }
  VITRINE_ASSERT(product != kZero);
  Field inverse = invert(product);
  std::vector<Affine> out(points.size());
  for (std::size_t i = points.size(); i-- > 0;) {
    const Field z = i == 0 ? inverse : inverse * products[i - 1];
    const Field zz = square(z);
    out[i] = {points[i].x * zz, points[i].y * zz * z};
    inverse = inverse * points[i].z;
  }
  return out;
}

}  // namespace

Jacobian multiply(const Affine& point, const Number& scalar) {
  constexpr int kWindowBits = 5;
  constexpr int kDigits = Digits::count(kWindowBits);
  std::vector<Jacobian> multiples;
  multiples.reserve(1 << (kWindowBits - 1));
  append_multiples(multiples, to_jacobian(point), 1 << (kWindowBits - 1));

  int digits[kDigits];
  Digits reader(scalar, kWindowBits);
  for (int& digit : digits) digit = reader.next();
  Jacobian sum = kInfinity;
  for (int i = kDigits - 1; i >= 0; --i) {
    for (int j = 0; j < kWindowBits; ++j) sum = twice(sum);
    if (digits[i] == 0) continue;
    Jacobian term = multiples[static_cast<std::size_t>(digits[i] < 0 ? -digits[i] : digits[i]) - 1];
    if (digits[i] < 0) term.y = -term.y;
    sum = sum + term;
  }
  return sum;
}

Table::Table(const Affine& point, int window_bits) : window_bits_(window_bits) {
  VITRINE_ASSERT(window_bits == kKeyWindowBits || window_bits == kGeneratorWindowBits);
  const int windows = Digits::count(window_bits), multiples = 1 << (window_bits - 1);
  std::vector<Jacobian> points;
  points.reserve(static_cast<std::size_t>(windows) * static_cast<std::size_t>(multiples));
  Jacobian base = to_jacobian(point);  // 2^(window_bits * window) * point
  for (int window = 0; window < windows; ++window) {
    append_multiples(points, base, multiples);
    base = twice(points.back());
  }
  // A multiple of a point of prime order n is infinity only where n divides it, and none of
  // 1..2^(bits-1) times a power of two is divided by n.
  points_ = to_affine(points);
}

Jacobian Table::add_multiple(Jacobian sum, const Number& scalar) const {
  Digits digits(scalar, window_bits_);
  const Affine* multiples = points_.data();
  for (int i = 0; i < Digits::count(window_bits_); ++i) {
    const int digit = digits.next();
    if (digit > 0) sum = sum + multiples[digit - 1];
    if (digit < 0) sum = sum + -multiples[-digit - 1];
    multiples += 1 << (window_bits_ - 1);
  }
  return sum;
}

const Table& generator_table() {
  // Never destroyed, so that no order of destruction can matter.
  static const Table& table = *new Table(generator(), Table::kGeneratorWindowBits);
  return table;
}

}  // namespace vitrine::crypto::p384
