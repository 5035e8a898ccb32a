// Why a request is refused before any handler sees it, and the answer the server gives for it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace vitrine::net {

struct Fault {
  int status;
  std::string_view code;  // as in {"error":{"code":…}}
  std::string message;
};
template <class T>
using Parsed = tl::expected<T, Fault>;

inline tl::unexpected<Fault> bad_request(std::string message) {
  return tl::unexpected(Fault{400, "InvalidInput", std::move(message)});
}
Fault body_too_large(std::size_t bytes_max);    // 413
Fault header_too_large(std::size_t bytes_max);  // 431
Fault too_many_header_fields();                 // 431
Fault request_too_late();                       // 408
Fault bodies_fill_memory();                     // 503

inline constexpr std::size_t kHeaderFieldsMax = 256;  // ccf.md 6

// What a request line and `:method`, `:path` have in common. 400: a character that neither may
// have. 414: over limits::kRequestTargetBytesMax.
Parsed<void> check_method(std::string_view method);
Parsed<void> check_target(std::string_view target);
// The value of an `expect` header: 100-continue, or 417.
Parsed<void> check_expectation(std::string_view value);
Parsed<std::uint64_t> parse_content_length(std::string_view text);

}  // namespace vitrine::net
