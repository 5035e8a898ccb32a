#include "crypto/shamir.h"

#include <array>
#include <string>

namespace vitrine::crypto {
namespace {

constexpr unsigned kIndexMax = kSharesMax;
constexpr std::uint32_t kReduce = 0x1b;  // x^8 = x^4 + x^3 + x + 1

// All ones where the lowest bit of `value` is set, else zero.
std::uint32_t mask_of(std::uint32_t value) { return ~(value & 1U) + 1U; }

// The polynomial with these coefficients, constant first, at `x` (Horner).
Byte evaluate(ByteView coefficients, Byte x) {
  Byte sum = 0;
  for (std::size_t i = coefficients.size(); i-- > 0;)
    sum = static_cast<Byte>(gf256_multiply(sum, x) ^ coefficients[i]);
  return sum;
}

// Lagrange's weight of share `of` at 0: the product over the others of x_j / (x_j - x_of).
Byte weight_at_zero(const std::vector<Share>& shares, std::size_t of) {
  Byte numerator = 1;
  Byte denominator = 1;
  for (std::size_t j = 0; j < shares.size(); ++j) {
    if (j == of) continue;
    numerator = gf256_multiply(numerator, shares[j].index);
    denominator =
        gf256_multiply(denominator, static_cast<Byte>(shares[j].index ^ shares[of].index));
  }
  return gf256_multiply(numerator, gf256_inverse(denominator));
}

Status check(const std::vector<Share>& shares) {
  if (shares.empty()) return malformed("shares: none was given");
  std::array<bool, 256> seen{};
  for (const Share& share : shares) {
    if (share.index == 0 || share.index > kIndexMax)
      return malformed("shares: an index of " + std::to_string(share.index) +
                       ", which must be from 1 to 254");
    if (seen[share.index])
      return malformed("shares: index " + std::to_string(share.index) + " was given twice");
    seen[share.index] = true;
    if (share.value.empty() || share.value.size() != shares.front().value.size())
      return malformed("shares: their sizes differ, or one is empty");
  }
  return {};
}

}  // namespace

// Shift and add, with masks for branches: a table would be read at places that tell the secret.
Byte gf256_multiply(Byte a, Byte b) {
  std::uint32_t product = 0;
  std::uint32_t shifted = a;
  for (unsigned bit = 0; bit < 8; ++bit) {
    product ^= shifted & mask_of(static_cast<std::uint32_t>(b) >> bit);
    shifted = ((shifted << 1) ^ (kReduce & mask_of(shifted >> 7))) & 0xffU;
  }
  return static_cast<Byte>(product);
}

// a^254: the group has order 255.
Byte gf256_inverse(Byte a) {
  Byte power = a;
  Byte inverse = 1;
  for (unsigned bit = 1; bit < 8; ++bit) {
    power = gf256_multiply(power, power);
    inverse = gf256_multiply(inverse, power);
  }
  return inverse;
}

Result<std::vector<Share>> split(ByteView secret, unsigned threshold, unsigned count,
                                 Random& random) {
  if (secret.empty()) return malformed("shares: the secret is empty");
  if (count > kSharesMax)
    return malformed("shares: at most " + std::to_string(kSharesMax) + " can be dealt, not " +
                     std::to_string(count));
  if (threshold == 0 || threshold > count)
    return malformed("shares: a threshold of " + std::to_string(threshold) + " of " +
                     std::to_string(count));
  std::vector<Share> shares;
  for (unsigned index = 1; index <= count; ++index)
    shares.push_back({static_cast<Byte>(index), SecretBytes(secret.size())});
  SecretBytes coefficients(threshold);
  const auto writable = coefficients.reveal_writable();
  for (std::size_t i = 0; i < secret.size(); ++i) {
    random.fill(writable);
    writable[0] = secret[i];
    for (Share& share : shares)
      share.value.reveal_writable()[i] = evaluate(coefficients.reveal(), share.index);
  }
  return shares;
}

Result<SecretBytes> combine(const std::vector<Share>& shares) {
  VITRINE_CHECK(check(shares));
  SecretBytes secret(shares.front().value.size());
  const auto out = secret.reveal_writable();
  for (std::size_t of = 0; of < shares.size(); ++of) {
    const Byte weight = weight_at_zero(shares, of);
    const ByteView value = shares[of].value.reveal();
    for (std::size_t i = 0; i < value.size(); ++i)
      out[i] = static_cast<Byte>(out[i] ^ gf256_multiply(value[i], weight));
  }
  return secret;
}

}  // namespace vitrine::crypto
