#include "net/http2_request.h"

#include <utility>

#include "net/http_text.h"

namespace vitrine::net::http2 {
namespace {

constexpr std::size_t kFieldOverheadBytes = 32;  // RFC 9113 6.5.2

}  // namespace

bool RequestHead::has_room(std::string_view name, std::string_view value, std::size_t bytes_max) {
  bytes_ += name.size() + value.size() + kFieldOverheadBytes;
  ++fields_;
  if (fault_) return false;
  if (bytes_ > bytes_max) {
    fault_ = header_too_large(bytes_max);
  } else if (fields_ > kHeaderFieldsMax) {
    fault_ = too_many_header_fields();
  }
  return !fault_;
}

void RequestHead::add(std::string_view name, std::string_view value, std::size_t bytes_max) {
  if (!has_room(name, value, bytes_max)) return;
  if (name == ":method") {
    request_.method = value;
  } else if (name == ":path") {
    request_.target = value;
  } else if (name == ":scheme") {
    scheme_ = value;
  } else if (name == ":authority") {
    authority_ = value;
  } else {
    request_.headers.emplace_back(name, value);
  }
}

void RequestHead::add_trailer(std::string_view name, std::string_view value,
                              std::size_t bytes_max) {
  has_room(name, value, bytes_max);
}

void RequestHead::add_invalid() {
  if (!fault_)
    fault_ = bad_request("A header field has a character that HTTP can't carry.").value();
}

Parsed<void> RequestHead::finish(std::size_t body_bytes_max) {
  is_head_ = request_.method == "HEAD";
  if (fault_) return tl::unexpected(*fault_);
  auto checked = check_pseudo();
  if (checked) checked = check_fields();
  if (checked) checked = name_host();
  if (checked && content_length_.value_or(0) > body_bytes_max) {
    checked = tl::unexpected(body_too_large(body_bytes_max));
  }
  if (!checked) fault_ = checked.error();
  return checked;
}

Parsed<void> RequestHead::check_pseudo() const {
  if (auto checked = check_method(request_.method); !checked) return checked;
  if (request_.method == "CONNECT") {
    return tl::unexpected(Fault{501, "NotImplemented", "There is nothing to connect to."});
  }
  if (scheme_ != "https") return bad_request("The scheme is not https.");
  return check_target(request_.target);
}

Parsed<void> RequestHead::check_fields() {
  for (const auto& [name, value] : request_.headers) {
    if (name == "expect") {
      if (auto checked = check_expectation(value); !checked) return checked;
      expects_continue_ = true;
    } else if (name == "content-length") {
      if (content_length_) return bad_request("More than one content-length.");
      auto length = parse_content_length(value);
      if (!length) return tl::unexpected(std::move(length).error());
      content_length_ = *length;
    }
  }
  return {};
}

// `:authority` stands for the host header of HTTP/1.1 (RFC 9113 8.3.1).
Parsed<void> RequestHead::name_host() {
  const std::string* host = nullptr;
  for (const auto& [name, value] : request_.headers) {
    if (name != "host") continue;
    if (host != nullptr) return bad_request("More than one host header.");
    host = &value;
  }
  if (host == nullptr && authority_.empty()) return bad_request("No host header.");
  if (host == nullptr) {
    request_.headers.emplace(request_.headers.begin(), "host", authority_);
  } else if (!authority_.empty() && *host != authority_) {
    return bad_request("The host header and :authority differ.");
  }
  return {};
}

}  // namespace vitrine::net::http2
