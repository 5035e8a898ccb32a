#include "net/http1_request.h"

#include <algorithm>
#include <utility>

namespace vitrine::net::http1 {
namespace {

constexpr std::size_t kBodyBytesReserved = 16'384;

}  // namespace

Parsed<std::size_t> RequestReader::put(std::string_view bytes) {
  std::size_t taken = 0;
  // One empty line before a request is forgiven (RFC 9112 2.2).
  while (!begun_ && taken < bytes.size() && empty_line_bytes_ < 2 &&
         bytes[taken] == (empty_line_bytes_ == 0 ? '\r' : '\n')) {
    ++taken;
    ++empty_line_bytes_;
  }
  if (taken == bytes.size()) return taken;
  begun_ = true;
  if (empty_line_bytes_ == 1) return bad_request("A line ends with half a line end.");
  if (!head_complete_) {
    auto head_bytes = put_head(bytes.substr(taken));
    if (!head_bytes) return head_bytes;
    taken += *head_bytes;
  }
  if (head_complete_) {
    auto body_bytes = body_.put(bytes.substr(taken), request_.body);
    if (!body_bytes) return body_bytes;
    taken += *body_bytes;
  }
  return taken;
}

Parsed<std::size_t> RequestReader::put_head(std::string_view bytes) {
  auto taken = head_buffer_.put(bytes);
  if (!taken) return tl::unexpected(std::move(taken).error());
  if (!taken->block) return taken->consumed;
  auto head = parse_request_head(*taken->block);
  if (!head) return tl::unexpected(std::move(head).error());
  head_ = *std::move(head);
  const auto& framing = head_.framing;
  if (framing.content_length && *framing.content_length > body_bytes_max_) {
    return tl::unexpected(body_too_large(body_bytes_max_));
  }
  if (framing.chunked) {
    body_ = BodyReader::in_chunks(body_bytes_max_);
  } else if (framing.content_length) {
    body_ = BodyReader::of_length(*framing.content_length);
    // Room for what is announced, but not for much that has not come.
    request_.body.reserve(std::min<std::size_t>(*framing.content_length, kBodyBytesReserved));
  }
  request_.method = std::move(head_.method);
  request_.target = std::move(head_.target);
  request_.headers = std::move(head_.headers);
  head_complete_ = true;
  return taken->consumed;
}

}  // namespace vitrine::net::http1
