// The bodies of HTTP/1.x messages (RFC 9112 6 and 7): of a known length, in chunks, or until the
// connection closes. Bounded; chunk extensions and trailers are bounded, checked and dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/http1_head.h"

namespace vitrine::net::http1 {

class BodyReader {
 public:
  BodyReader() = default;  // no body: complete at once
  static BodyReader of_length(std::uint64_t length);
  static BodyReader in_chunks(std::size_t bytes_max);
  static BodyReader until_close(std::size_t bytes_max);

  // Takes bytes off the front, appends what is body to `body`, says how many it took: all, unless
  // the body became complete. 400: not chunks. 413: over the bound.
  Parsed<std::size_t> put(std::string_view bytes, std::string& body);
  bool complete() const { return state_ == State::complete; }
  // The connection closed: whether that ends the body rather than cutting it off.
  bool ends_with_close() const { return state_ == State::to_close || complete(); }

 private:
  enum class State { complete, counted, to_close, chunk_size, chunk, chunk_end, trailer };

  Parsed<void> take_line_byte(char c);
  Parsed<void> end_of_line();
  Parsed<void> begin_chunk();

  State state_ = State::complete;
  std::uint64_t left_ = 0;  // of the body, or of this chunk
  std::size_t bytes_max_ = 0;
  std::string line_;               // chunk size line, its end, or trailer line, as far as it came
  std::size_t trailer_bytes_ = 0;  // of all lines of the trailer
};

}  // namespace vitrine::net::http1
