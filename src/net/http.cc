#include "net/http.h"

#include "net/http_text.h"

namespace vitrine::net {

std::optional<std::string_view> find_header(const Headers& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (equal_without_case(key, name)) return value;
  }
  return std::nullopt;
}

}  // namespace vitrine::net
