// Small readers of text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace vitrine {

// The parts between separators; as many as there are separators, plus one.
std::vector<std::string_view> split(std::string_view text, char separator);
// Without spaces and tabs at both ends.
std::string_view trim(std::string_view text);

// Decimal digits alone, no sign, no leading zero, at most 2^64 - 1.
Result<std::uint64_t> parse_decimal(std::string_view text);

// RFC 3986 2.1: %XX becomes the byte, everything else stays ('+' too). malformed: a '%' without two
// hexadecimal digits. The result may hold any byte, zero included.
Result<std::string> percent_decode(std::string_view text);

// For header values and the like: control and non-ASCII bytes become '?', cut at `bytes_max`.
std::string printable_ascii(std::string_view text, std::size_t bytes_max);

// RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text);
// Bytes of the UTF-8 sequence that `text` begins with; 0 if it is not one.
std::size_t utf8_sequence_size(std::string_view text);

}  // namespace vitrine
