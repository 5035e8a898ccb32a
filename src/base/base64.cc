#include "base/base64.h"

#include <fmt/format.h>

#include <array>

namespace vitrine {

namespace {

enum class Alphabet { standard, url, either };

// All ones where low <= c <= high, else zero; no branch.
constexpr int in_range(int c, int low, int high) { return ((low - 1 - c) & (c - high - 1)) >> 31; }

char digit_for(unsigned value, Alphabet alphabet) {
  const int v = static_cast<int>(value);
  const bool url = alphabet == Alphabet::url;
  int c = in_range(v, 0, 25) & (v + 'A');
  c |= in_range(v, 26, 51) & (v - 26 + 'a');
  c |= in_range(v, 52, 61) & (v - 52 + '0');
  c |= in_range(v, 62, 62) & (url ? '-' : '+');
  c |= in_range(v, 63, 63) & (url ? '_' : '/');
  return static_cast<char>(c);
}

// The value of a digit, or -1. Neither branches nor looks up by the digit: it may be a secret's.
constexpr int value_of(char character, Alphabet alphabet) {
  const int c = static_cast<unsigned char>(character);
  int v = in_range(c, 'A', 'Z') & (c - 'A' + 1);
  v |= in_range(c, 'a', 'z') & (c - 'a' + 27);
  v |= in_range(c, '0', '9') & (c - '0' + 53);
  if (alphabet != Alphabet::url) {
    v |= in_range(c, '+', '+') & 63;
    v |= in_range(c, '/', '/') & 64;
  }
  if (alphabet != Alphabet::standard) {
    v |= in_range(c, '-', '-') & 63;
    v |= in_range(c, '_', '_') & 64;
  }
  return v - 1;
}

// The same by table, for public text: evidence alone is 20 KB of it in every release.
using DigitValues = std::array<std::int8_t, 256>;
constexpr DigitValues digit_values(Alphabet alphabet) {
  DigitValues values{};
  for (int c = 0; c < 256; ++c) {
    values[static_cast<std::size_t>(c)] =
        static_cast<std::int8_t>(value_of(static_cast<char>(c), alphabet));
  }
  return values;
}
constexpr std::array<DigitValues, 3> kDigitValues = {
    digit_values(Alphabet::standard), digit_values(Alphabet::url), digit_values(Alphabet::either)};

std::string encode(ByteView bytes, Alphabet alphabet, bool padded) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const Byte b : bytes) {
    bits = (bits << 8) | b;
    for (held += 8; held >= 6; held -= 6) {
      out.push_back(digit_for((bits >> (held - 6)) & 63, alphabet));
    }
  }
  if (held > 0) out.push_back(digit_for((bits << (6 - held)) & 63, alphabet));
  while (padded && out.size() % 4 != 0) out.push_back('=');
  return out;
}

// Takes up to two '=' off the end; `required` says whether they must, must not or may be there.
enum class Padding { required, refused, optional };

Result<std::string_view> without_padding(std::string_view text, Padding padding) {
  std::string_view digits = text;
  while (!digits.empty() && digits.back() == '=' && text.size() - digits.size() < 2) {
    digits.remove_suffix(1);
  }
  const bool padded = digits.size() != text.size();
  if (padded && padding == Padding::refused) return malformed("base64url: padding is not allowed");
  const bool checked = padded || padding == Padding::required;
  if (checked && text.size() % 4 != 0) {
    return malformed(fmt::format("base64: length {} is not a multiple of 4", text.size()));
  }
  if (digits.size() % 4 == 1) {
    return malformed(fmt::format("base64: {} digits encode no whole bytes", digits.size()));
  }
  return digits;
}

tl::unexpected<Error> not_a_digit(std::string_view digits, Alphabet alphabet) {
  std::size_t i = 0;
  while (value_of(digits[i], alphabet) >= 0) ++i;
  return malformed(fmt::format("base64: not a digit at offset {}", i));
}

// Writes the bytes of `digits` into `out`, which has the right size. Nothing branches on a digit
// before the verdict on all of them.
template <class ValueOf>
Status decode_into(std::span<Byte> out, std::string_view digits, Alphabet alphabet,
                   const ValueOf& value_of_digit) {
  std::uint32_t bits = 0;
  int sign = 0;  // negative once a value was
  unsigned held = 0;
  std::size_t written = 0;
  std::size_t read = 0;
  for (; digits.size() - read >= 4; read += 4) {
    const int a = value_of_digit(digits[read]), b = value_of_digit(digits[read + 1]);
    const int c = value_of_digit(digits[read + 2]), d = value_of_digit(digits[read + 3]);
    sign |= a | b | c | d;
    const auto group = static_cast<std::uint32_t>(a) << 18 | static_cast<std::uint32_t>(b) << 12 |
                       static_cast<std::uint32_t>(c) << 6 | static_cast<std::uint32_t>(d);
    out[written++] = static_cast<Byte>(group >> 16);
    out[written++] = static_cast<Byte>(group >> 8);
    out[written++] = static_cast<Byte>(group);
  }
  for (; read < digits.size(); ++read) {
    const int value = value_of_digit(digits[read]);
    sign |= value;
    bits = (bits << 6) | (static_cast<std::uint32_t>(value) & 63);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    out[written++] = static_cast<Byte>(bits >> held);
  }
  if (sign < 0) return not_a_digit(digits, alphabet);
  const bool unused_bits_ignored = alphabet == Alphabet::either;
  if (!unused_bits_ignored && (bits & ((1U << held) - 1)) != 0) {
    return malformed("base64: unused bits of the last digit are not zero");
  }
  return {};
}

template <class Container>
Result<Container> decode(std::string_view text, Alphabet alphabet, Padding padding) {
  VITRINE_TRY(const auto digits, without_padding(text, padding));
  Container out(digits.size() / 4 * 3 + digits.size() % 4 * 3 / 4);
  if constexpr (std::is_same_v<Container, SecretBytes>) {
    VITRINE_CHECK(decode_into(out.reveal_writable(), digits, alphabet,
                              [alphabet](char digit) { return value_of(digit, alphabet); }));
  } else {
    const DigitValues& values = kDigitValues[static_cast<std::size_t>(alphabet)];
    VITRINE_CHECK(decode_into(out, digits, alphabet, [&values](char digit) -> int {
      return values[static_cast<unsigned char>(digit)];
    }));
  }
  return out;
}

}  // namespace

std::string to_base64(ByteView bytes) { return encode(bytes, Alphabet::standard, true); }
std::string to_base64url(ByteView bytes) { return encode(bytes, Alphabet::url, false); }

Result<Bytes> from_base64(std::string_view text) {
  return decode<Bytes>(text, Alphabet::standard, Padding::required);
}
Result<Bytes> from_base64url(std::string_view text) {
  return decode<Bytes>(text, Alphabet::url, Padding::refused);
}
Result<Bytes> from_base64_lenient(std::string_view text) {
  return decode<Bytes>(text, Alphabet::either, Padding::optional);
}
Result<SecretBytes> secret_from_base64(std::string_view text) {
  return decode<SecretBytes>(text, Alphabet::standard, Padding::required);
}
Result<SecretBytes> secret_from_base64url(std::string_view text) {
  return decode<SecretBytes>(text, Alphabet::url, Padding::refused);
}

}  // namespace vitrine
