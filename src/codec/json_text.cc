#include "codec/json_text.h"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <cmath>

namespace vitrine::codec::json {

namespace {

// The shortest digits that read back as the number: value = 0.d1d2d3… * 10^point.
struct Decimal {
  std::string digits;
  int point;
};

Decimal shortest(double positive) {
  std::array<char, 32> buffer;
  const auto written = std::to_chars(buffer.data(), buffer.data() + buffer.size(), positive,
                                     std::chars_format::scientific);  // d.ddde+xx
  const std::string_view text(buffer.data(), static_cast<std::size_t>(written.ptr - buffer.data()));
  const std::size_t e = text.find('e');
  Decimal decimal{std::string(text.substr(0, 1)), 0};
  if (e > 2) decimal.digits += text.substr(2, e - 2);
  const std::size_t exponent = text[e + 1] == '+' ? e + 2 : e + 1;  // from_chars takes no '+'
  std::from_chars(text.data() + exponent, text.data() + text.size(), decimal.point);
  ++decimal.point;
  return decimal;
}

}  // namespace

void append_number(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  if (number == 0) {  // -0 too
    out += '0';
    return;
  }
  if (number < 0) out += '-';
  const auto [digits, point] = shortest(std::fabs(number));
  const int count = static_cast<int>(digits.size());
  if (count <= point && point <= 21) {
    out += digits;
    out.append(static_cast<std::size_t>(point - count), '0');
  } else if (0 < point && point <= 21) {
    out.append(digits, 0, static_cast<std::size_t>(point));
    out += '.';
    out.append(digits, static_cast<std::size_t>(point));
  } else if (-6 < point && point <= 0) {
    out += "0.";
    out.append(static_cast<std::size_t>(-point), '0');
    out += digits;
  } else {
    out += digits[0];
    if (count > 1) {
      out += '.';
      out.append(digits, 1);
    }
    out += fmt::format("e{:+d}", point - 1);
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  out += '"';
}

}  // namespace vitrine::codec::json
