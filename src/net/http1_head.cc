#include "net/http1_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "net/http_text.h"

namespace vitrine::net::http1 {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadEnd = "\r\n\r\n";

// Takes one line off `rest`, which ends in a line end.
std::string_view take_line(std::string_view& rest) {
  const auto end = rest.find(kLineEnd);
  const auto line = rest.substr(0, end);
  rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + kLineEnd.size());
  return line;
}

Parsed<int> parse_version(std::string_view text) {
  if (text == "HTTP/1.1") return 1;
  if (text == "HTTP/1.0") return 0;
  if (text.size() == 8 && text.substr(0, 5) == "HTTP/") {
    return tl::unexpected(Fault{505, "HttpVersionNotSupported",
                                "The HTTP version of the request is not 1.0 or 1.1."});
  }
  return bad_request("The first line does not end with an HTTP version.");
}

// Notes what `name` says about the message's extent and connection (RFC 9112 6, 9.3).
Parsed<void> note_framing(std::string_view name, std::string_view value, int minor_version,
                          Framing& framing) {
  if (name == "content-length") {
    if (framing.content_length) return bad_request("More than one content-length.");
    auto length = parse_content_length(value);
    if (!length) return tl::unexpected(std::move(length).error());
    framing.content_length = *length;
  } else if (name == "transfer-encoding") {
    if (framing.chunked) return bad_request("More than one transfer-encoding.");
    if (minor_version == 0) return bad_request("A transfer-encoding in HTTP/1.0.");
    if (!equal_without_case(value, "chunked")) {
      return tl::unexpected(
          Fault{501, "NotImplemented", "The transfer-encoding is not 'chunked'."});
    }
    framing.chunked = true;
  } else if (name == "connection") {
    framing.close = framing.close || list_contains(value, "close");
    framing.keep_alive = framing.keep_alive || list_contains(value, "keep-alive");
  }
  return {};
}

// The lines between the first and the empty one.
Parsed<void> parse_fields(std::string_view rest, int minor_version, Headers& headers,
                          Framing& framing) {
  while (rest != kLineEnd) {
    const auto line = take_line(rest);
    if (headers.size() == kHeaderFieldsMax) return tl::unexpected(too_many_header_fields());
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
      return bad_request("A header line does not begin with a name and a colon.");
    }
    auto name = lower_case(line.substr(0, colon));
    const auto value = trim(line.substr(colon + 1));
    if (!is_field_value(value)) {
      return bad_request(fmt::format("A control character in header {}.", name));
    }
    if (auto noted = note_framing(name, value, minor_version, framing); !noted) return noted;
    headers.emplace_back(std::move(name), value);
  }
  if (framing.chunked && framing.content_length) {
    return bad_request("Both content-length and transfer-encoding.");
  }
  return {};
}

Parsed<void> parse_request_line(std::string_view line, RequestHead& head) {
  const auto after_method = line.find(' ');
  const auto before_version = line.rfind(' ');
  if (after_method == std::string_view::npos || after_method == before_version) {
    return bad_request("The first line is not a method, a target and a version.");
  }
  auto version = parse_version(line.substr(before_version + 1));
  if (!version) return tl::unexpected(std::move(version).error());
  const auto method = line.substr(0, after_method);
  const auto target = line.substr(after_method + 1, before_version - after_method - 1);
  if (auto checked = check_method(method); !checked) return checked;
  if (auto checked = check_target(target); !checked) return checked;
  head.method = method;
  head.target = target;
  head.minor_version = *version;
  return {};
}

// Fields only a request has: one host (RFC 9112 3.2), an expectation (RFC 9110 10.1.1).
Parsed<void> check_request_fields(RequestHead& head) {
  int hosts = 0;
  for (const auto& [name, value] : head.headers) {
    if (name == "host") ++hosts;
    if (name != "expect" || head.minor_version == 0) continue;
    if (auto checked = check_expectation(value); !checked) return checked;
    head.expects_continue = true;
  }
  if (hosts > 1) return bad_request("More than one host header.");
  if (hosts == 0 && head.minor_version == 1) return bad_request("No host header.");
  return {};
}

}  // namespace

Parsed<RequestHead> parse_request_head(std::string_view block) {
  RequestHead head;
  const auto line = take_line(block);
  if (auto parsed = parse_request_line(line, head); !parsed) {
    return tl::unexpected(std::move(parsed).error());
  }
  if (auto parsed = parse_fields(block, head.minor_version, head.headers, head.framing); !parsed) {
    return tl::unexpected(std::move(parsed).error());
  }
  if (auto checked = check_request_fields(head); !checked) {
    return tl::unexpected(std::move(checked).error());
  }
  return head;
}

Parsed<StatusHead> parse_status_head(std::string_view block) {
  StatusHead head;
  const auto line = take_line(block);
  auto version = parse_version(line.substr(0, line.find(' ')));
  if (!version) return bad_request("The answer does not begin with HTTP/1.0 or HTTP/1.1.");
  head.minor_version = *version;
  const auto code = line.size() >= 12 ? line.substr(9, 3) : std::string_view();
  const bool digits = code.size() == 3 && std::all_of(code.begin(), code.end(),
                                                      [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || code[0] < '1' || code[0] > '5' || (line.size() > 12 && line[12] != ' ') ||
      !is_field_value(line)) {
    return bad_request("The status line of the answer has no status.");
  }
  for (const char c : code) head.status = head.status * 10 + (c - '0');
  if (auto parsed = parse_fields(block, head.minor_version, head.headers, head.framing); !parsed) {
    return tl::unexpected(std::move(parsed).error());
  }
  return head;
}

Parsed<HeadBuffer::Taken> HeadBuffer::put(std::string_view bytes) {
  const auto too_large = [this] { return tl::unexpected(header_too_large(bytes_max_)); };
  if (gathered_.empty()) {  // mostly a head comes in one piece and needs no copy
    if (const auto end = bytes.find(kHeadEnd); end != std::string_view::npos) {
      const auto size = end + kHeadEnd.size();
      if (size > bytes_max_) return too_large();
      return Taken{size, bytes.substr(0, size)};
    }
  }
  const auto before = gathered_.size();
  gathered_.append(bytes.substr(0, bytes_max_ + 1 - before));
  const auto end = gathered_.find(kHeadEnd, before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    if (gathered_.size() > bytes_max_) return too_large();
    return Taken{bytes.size(), std::nullopt};
  }
  const auto size = end + kHeadEnd.size();
  if (size > bytes_max_) return too_large();
  gathered_.resize(size);
  return Taken{size - before, gathered_};
}

}  // namespace vitrine::net::http1
