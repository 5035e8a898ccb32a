// The header fields of an HTTP/2 request as they come, made into the same Request that HTTP/1.1
// gives (RFC 9113 8.3). nghttp2 has refused what no field list may hold; this is what we ask
// beyond.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"
#include "net/http_fault.h"

namespace vitrine::net::http2 {

class RequestHead {
 public:
  // Notes the first fault only; after one it keeps nothing.
  void add(std::string_view name, std::string_view value, std::size_t bytes_max);
  void add_trailer(std::string_view name, std::string_view value, std::size_t bytes_max);
  void add_invalid();
  // How much of the list came, kept or not (RFC 9113 6.5.2).
  std::size_t bytes() const { return bytes_; }

  // After the last field.
  Parsed<void> finish(std::size_t body_bytes_max);
  bool expects_continue() const { return expects_continue_; }
  std::optional<std::uint64_t> content_length() const { return content_length_; }
  const std::optional<Fault>& fault() const { return fault_; }
  Request take() { return std::move(request_); }
  bool is_head() const { return is_head_; }

 private:
  bool has_room(std::string_view name, std::string_view value, std::size_t bytes_max);
  Parsed<void> check_pseudo() const;
  Parsed<void> check_fields();
  Parsed<void> name_host();

  Request request_;
  std::string scheme_;
  std::string authority_;
  std::size_t bytes_ = 0;
  std::size_t fields_ = 0;
  bool expects_continue_ = false;
  bool is_head_ = false;
  std::optional<std::uint64_t> content_length_;
  std::optional<Fault> fault_;
};

}  // namespace vitrine::net::http2
