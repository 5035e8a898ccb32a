// The characters HTTP is made of (RFC 9110 5.5, 5.6.2): tokens, field values, case.
#pragma once

#include <string>
#include <string_view>

namespace vitrine::net {

// A field value in either direction: no control character but the tab (RFC 9110 5.5).
bool is_field_value(std::string_view text);
bool is_token(std::string_view text);
bool equal_without_case(std::string_view a, std::string_view b);
std::string lower_case(std::string_view text);
// Whether a comma-separated list, as in `connection: a, b`, has `token` in it, in any case.
bool list_contains(std::string_view list, std::string_view token);

// What says where a message or a connection ends is written by net alone, in either protocol
// (RFC 9110 7.6.1, RFC 9113 8.2.2).
bool is_framing_field(std::string_view name);
// The value, with '?' for each control character: so no value ever becomes a header or an answer.
std::string harmless_field_value(std::string_view value);

}  // namespace vitrine::net
