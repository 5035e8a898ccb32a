#include "net/http1_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "net/http_text.h"

namespace vitrine::net::http1 {
namespace {

constexpr std::size_t kChunkLineBytesMax = 256;
constexpr std::size_t kTrailerBytesMax = 4'096;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

tl::unexpected<Fault> too_large(std::size_t bytes_max) {
  return tl::unexpected(
      Fault{413, "RequestBodyTooLarge", fmt::format("The body is over {} bytes.", bytes_max)});
}

// A trailer is dropped; but one that speaks of the message's extent is an attempt at something.
Parsed<void> check_trailer_line(std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon)) ||
      !is_field_value(line.substr(colon + 1))) {
    return bad_request("A line of the trailer is not a header.");
  }
  const auto name = line.substr(0, colon);
  if (equal_without_case(name, "content-length") || equal_without_case(name, "transfer-encoding")) {
    return bad_request("The trailer speaks of the length of the body.");
  }
  return {};
}

}  // namespace

BodyReader BodyReader::of_length(std::uint64_t length) {
  BodyReader reader;
  reader.state_ = length == 0 ? State::complete : State::counted;
  reader.left_ = length;
  return reader;
}

BodyReader BodyReader::in_chunks(std::size_t bytes_max) {
  BodyReader reader;
  reader.state_ = State::chunk_size;
  reader.bytes_max_ = bytes_max;
  return reader;
}

BodyReader BodyReader::until_close(std::size_t bytes_max) {
  BodyReader reader;
  reader.state_ = State::to_close;
  reader.bytes_max_ = bytes_max;
  return reader;
}

Parsed<std::size_t> BodyReader::put(std::string_view bytes, std::string& body) {
  std::size_t taken = 0;
  while (taken < bytes.size() && !complete()) {
    const auto rest = bytes.substr(taken);
    if (state_ == State::to_close) {
      if (rest.size() > bytes_max_ - body.size()) return too_large(bytes_max_);
      body.append(rest);
      taken += rest.size();
    } else if (state_ == State::counted || state_ == State::chunk) {
      const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left_, rest.size()));
      body.append(rest.substr(0, size));
      taken += size;
      left_ -= size;
      if (left_ == 0) state_ = state_ == State::counted ? State::complete : State::chunk_end;
    } else {
      if (auto read = take_line_byte(rest.front()); !read) {
        return tl::unexpected(std::move(read).error());
      }
      ++taken;
      if (state_ == State::chunk && left_ > bytes_max_ - body.size()) return too_large(bytes_max_);
    }
  }
  return taken;
}

// The lines between chunks are short: a byte at a time keeps the states few.
Parsed<void> BodyReader::take_line_byte(char c) {
  line_.push_back(c);
  const bool ended = line_.size() >= 2 && line_.substr(line_.size() - 2) == "\r\n";
  if (ended) {
    line_.resize(line_.size() - 2);
    auto result = end_of_line();
    line_.clear();
    return result;
  }
  if (state_ == State::chunk_end && line_ != "\r") {
    return bad_request("A chunk is longer than its size says.");
  }
  if (state_ == State::trailer && ++trailer_bytes_ > kTrailerBytesMax) {
    return bad_request(fmt::format("The trailer is over {} bytes.", kTrailerBytesMax));
  }
  if (state_ == State::chunk_size && line_.size() > kChunkLineBytesMax) {
    return bad_request(fmt::format("A chunk size line is over {} bytes.", kChunkLineBytesMax));
  }
  return {};
}

Parsed<void> BodyReader::end_of_line() {
  switch (state_) {
    case State::chunk_size:
      return begin_chunk();
    case State::chunk_end:
      state_ = State::chunk_size;
      return {};
    default:  // trailer
      if (line_.empty()) {
        state_ = State::complete;
        return {};
      }
      return check_trailer_line(line_);
  }
}

// chunk-size [ chunk-ext ] (RFC 9112 7.1)
Parsed<void> BodyReader::begin_chunk() {
  std::size_t digits = 0;
  left_ = 0;
  while (digits < line_.size() && hex_value(line_[digits]) >= 0) {
    if (digits == 15) return bad_request("A chunk size has more than 15 digits.");
    left_ = left_ * 16 + static_cast<std::uint64_t>(hex_value(line_[digits++]));
  }
  const auto extension = trim(std::string_view(line_).substr(digits));
  if (digits == 0 || (!extension.empty() && extension.front() != ';') ||
      !is_field_value(extension)) {
    return bad_request("A chunk does not begin with its size.");
  }
  state_ = left_ == 0 ? State::trailer : State::chunk;
  return {};
}

}  // namespace vitrine::net::http1
