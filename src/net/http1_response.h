// Reads the HTTP/1.x answer to one request from bytes as they come. Interim answers (1xx) are
// skipped. Knows no socket.
#pragma once

#include <cstddef>
#include <string_view>

#include "net/http.h"
#include "net/http1_body.h"
#include "net/http1_head.h"

namespace vitrine::net::http1 {

class ResponseReader {
 public:
  ResponseReader(bool to_head_request, std::size_t body_bytes_max);

  // As RequestReader::put; the fault's status means nothing here.
  Parsed<std::size_t> put(std::string_view bytes);
  // The connection closed. 400: in the middle of the answer.
  Parsed<void> end();

  bool begun() const { return begun_; }
  bool complete() const { return head_complete_ && body_.complete(); }
  bool keep_alive() const;  // of a complete answer: the connection can serve another request
  Response take() { return std::move(response_); }

 private:
  Parsed<std::size_t> put_head(std::string_view bytes);
  Parsed<void> begin_body(const Framing& framing);

  HeadBuffer head_buffer_;
  bool to_head_request_;
  std::size_t body_bytes_max_;
  bool begun_ = false;
  int interim_answers_ = 0;
  bool head_complete_ = false;
  StatusHead head_;
  BodyReader body_;
  bool until_close_ = false;
  Response response_;
};

}  // namespace vitrine::net::http1
