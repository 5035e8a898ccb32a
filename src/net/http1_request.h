// Reads one HTTP/1.x request from bytes as they come. Knows no socket.
#pragma once

#include <cstddef>
#include <string_view>

#include "net/http.h"
#include "net/http1_body.h"
#include "net/http1_head.h"

namespace vitrine::net::http1 {

class RequestReader {
 public:
  RequestReader(std::size_t header_bytes_max, std::size_t body_bytes_max)
      : head_buffer_(header_bytes_max), body_bytes_max_(body_bytes_max) {}

  // Takes bytes off the front and says how many: all, unless the request became complete (what is
  // left belongs to the next one). After a fault the stream can't be read further.
  Parsed<std::size_t> put(std::string_view bytes);

  // For a request that has not begun.
  void set_bounds(std::size_t header_bytes_max, std::size_t body_bytes_max) {
    head_buffer_ = HeadBuffer(header_bytes_max);
    body_bytes_max_ = body_bytes_max;
  }
  bool begun() const { return begun_; }
  bool head_complete() const { return head_complete_; }
  std::size_t body_bytes() const { return request_.body.size(); }
  bool complete() const { return head_complete_ && body_.complete(); }
  // The client sends its body only after a "100 Continue", and has sent nothing of it.
  bool waits_for_continue() const {
    return head_complete_ && head_.expects_continue && request_.body.empty() && !body_.complete();
  }
  // Whether the client lets the connection serve another request (RFC 9112 9.3).
  bool keep_alive() const {
    return !head_.framing.close && (head_.minor_version == 1 || head_.framing.keep_alive);
  }
  bool is_head_request() const { return request_.method == "HEAD"; }
  bool is_http_1_0() const { return head_.minor_version == 0; }
  Request take() { return std::move(request_); }  // of a complete request, once

 private:
  Parsed<std::size_t> put_head(std::string_view bytes);

  HeadBuffer head_buffer_;
  std::size_t body_bytes_max_;
  bool begun_ = false;
  std::size_t empty_line_bytes_ = 0;
  bool head_complete_ = false;
  RequestHead head_;
  BodyReader body_;
  Request request_;
};

}  // namespace vitrine::net::http1
