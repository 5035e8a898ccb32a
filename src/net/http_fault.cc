#include "net/http_fault.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"
#include "net/http_text.h"

namespace vitrine::net {
namespace {

constexpr std::size_t kMethodBytesMax = 32;

}  // namespace

Fault body_too_large(std::size_t bytes_max) {
  return {413, "RequestBodyTooLarge", fmt::format("The body is over {} bytes.", bytes_max)};
}

Fault header_too_large(std::size_t bytes_max) {
  return {431, "RequestHeaderTooLarge", fmt::format("The header is over {} bytes.", bytes_max)};
}

Fault too_many_header_fields() {
  return {431, "RequestHeaderTooLarge",
          fmt::format("More than {} header fields.", kHeaderFieldsMax)};
}

Fault request_too_late() {
  return {408, "RequestTimeout", "The request did not come to its end in time."};
}

Fault bodies_fill_memory() {
  return {503, "ServiceUnavailable", "The requests under way take all the memory there is."};
}

Parsed<void> check_method(std::string_view method) {
  if (method.size() > kMethodBytesMax || !is_token(method)) {
    return bad_request("The method is not a token.");
  }
  return {};
}

Parsed<void> check_target(std::string_view target) {
  if (target.size() > limits::kRequestTargetBytesMax) {
    return tl::unexpected(
        Fault{414, "RequestTargetTooLong",
              fmt::format("The target is over {} bytes.", limits::kRequestTargetBytesMax)});
  }
  if (target.empty() ||
      !std::all_of(target.begin(), target.end(), [](char c) { return c > 0x20 && c < 0x7f; })) {
    return bad_request("The target has a character that must be percent-encoded.");
  }
  return {};
}

Parsed<void> check_expectation(std::string_view value) {
  if (equal_without_case(value, "100-continue")) return {};
  return tl::unexpected(Fault{417, "ExpectationFailed", "The expectation is not '100-continue'."});
}

Parsed<std::uint64_t> parse_content_length(std::string_view text) {
  // 18 digits are below 2^63; RFC 9110 8.6 lets a list of equal values pass, we do not.
  if (text.empty() || text.size() > 18 ||
      !std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    return bad_request("The content-length is not a number.");
  }
  std::uint64_t value = 0;
  for (const char c : text) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  return value;
}

}  // namespace vitrine::net
