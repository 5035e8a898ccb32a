// The heads of HTTP/1.x messages (RFC 9112 2 to 6), strictly: one line ending, no folded lines, no
// blank before a colon, one length. What two readers could understand differently is refused, so
// that no proxy in front of the service sees other requests than the service does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"
#include "net/http_fault.h"

namespace vitrine::net::http1 {

struct Framing {
  std::optional<std::uint64_t> content_length;
  bool chunked = false;
  bool close = false;       // `connection: close`
  bool keep_alive = false;  // `connection: keep-alive`
};

struct RequestHead {
  std::string method;
  std::string target;
  int minor_version = 1;
  Headers headers;
  Framing framing;
  bool expects_continue = false;
};

struct StatusHead {
  int status = 0;
  int minor_version = 1;
  Headers headers;
  Framing framing;
};

// `block` is everything up to and with the empty line. 400: not a head. 414, 431: over a bound.
// 417, 501, 505: an expectation, a transfer coding, a version we do not have.
Parsed<RequestHead> parse_request_head(std::string_view block);
Parsed<StatusHead> parse_status_head(std::string_view block);

// Gathers the bytes of a head until its empty line is there.
class HeadBuffer {
 public:
  explicit HeadBuffer(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  struct Taken {
    std::size_t consumed = 0;
    std::optional<std::string_view> block;  // the whole head; valid until `bytes` or this change
  };
  // 431: no empty line within the bound.
  Parsed<Taken> put(std::string_view bytes);

 private:
  std::size_t bytes_max_;
  std::string gathered_;
};

}  // namespace vitrine::net::http1
