// Plain HTTP requests and responses, free of any library's types: what handlers see.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/bytes.h"

namespace vitrine::net {

using Headers = std::vector<std::pair<std::string, std::string>>;

// First header of that name, compared without case; nullopt when absent.
std::optional<std::string_view> find_header(const Headers& headers, std::string_view name);

struct Request {
  std::string method;  // "GET", as sent
  std::string target;  // "/app/key?fmt=tink", as sent
  Headers headers;     // names in lower case, order kept
  std::string body;
  std::string peer_address;
  Bytes client_certificate;  // DER, empty when none was presented; only its possession is proven
};

struct Response {
  int status = 200;
  Headers headers;  // names in lower case; content-length is added by the server
  std::string body;
};

}  // namespace vitrine::net
