#include "net/http1_response.h"

#include <fmt/format.h>

#include <utility>

namespace vitrine::net::http1 {
namespace {

constexpr std::size_t kHeaderBytesMax = 65'536;
constexpr int kInterimAnswersMax = 8;

}  // namespace

ResponseReader::ResponseReader(bool to_head_request, std::size_t body_bytes_max)
    : head_buffer_(kHeaderBytesMax),
      to_head_request_(to_head_request),
      body_bytes_max_(body_bytes_max) {}

Parsed<std::size_t> ResponseReader::put(std::string_view bytes) {
  std::size_t taken = 0;
  begun_ = begun_ || !bytes.empty();
  while (!head_complete_ && taken < bytes.size()) {
    auto head_bytes = put_head(bytes.substr(taken));
    if (!head_bytes) return head_bytes;
    taken += *head_bytes;
  }
  if (head_complete_) {
    auto body_bytes = body_.put(bytes.substr(taken), response_.body);
    if (!body_bytes) return body_bytes;
    taken += *body_bytes;
  }
  return taken;
}

Parsed<std::size_t> ResponseReader::put_head(std::string_view bytes) {
  auto taken = head_buffer_.put(bytes);
  if (!taken) return tl::unexpected(std::move(taken).error());
  if (!taken->block) return taken->consumed;
  const auto consumed = taken->consumed;
  auto head = parse_status_head(*taken->block);
  if (!head) return tl::unexpected(std::move(head).error());
  if (head->status < 200) {
    // 101 would end HTTP on this connection, and we never ask for it.
    if (head->status == 101) return bad_request("The answer switches to another protocol.");
    if (++interim_answers_ > kInterimAnswersMax) return bad_request("Too many interim answers.");
    head_buffer_ = HeadBuffer(kHeaderBytesMax);
    return consumed;
  }
  head_ = *std::move(head);
  if (auto begun = begin_body(head_.framing); !begun) {
    return tl::unexpected(std::move(begun).error());
  }
  response_.status = head_.status;
  response_.headers = std::move(head_.headers);
  head_complete_ = true;
  return consumed;
}

Parsed<void> ResponseReader::begin_body(const Framing& framing) {
  if (to_head_request_ || head_.status == 204 || head_.status == 304) return {};  // RFC 9112 6.3
  if (framing.chunked) {
    body_ = BodyReader::in_chunks(body_bytes_max_);
  } else if (framing.content_length) {
    if (*framing.content_length > body_bytes_max_) {
      return bad_request(fmt::format("The body is over {} bytes.", body_bytes_max_));
    }
    body_ = BodyReader::of_length(*framing.content_length);
  } else {
    body_ = BodyReader::until_close(body_bytes_max_);
    until_close_ = true;
  }
  return {};
}

Parsed<void> ResponseReader::end() {
  if (!head_complete_ || !body_.ends_with_close()) {
    return bad_request("The connection closed in the middle of the answer.");
  }
  body_ = BodyReader();
  return {};
}

bool ResponseReader::keep_alive() const {
  return !until_close_ && !head_.framing.close &&
         (head_.minor_version == 1 || head_.framing.keep_alive);
}

}  // namespace vitrine::net::http1
