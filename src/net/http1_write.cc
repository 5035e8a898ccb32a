#include "net/http1_write.h"

#include <fmt/format.h>

#include <algorithm>

#include "net/http_text.h"

namespace vitrine::net::http1 {
namespace {

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 421:
      return "Misdirected Request";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Status";
  }
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

bool has_body_by_nature(std::string_view method) {
  return method == "POST" || method == "PUT" || method == "PATCH";
}

}  // namespace

void append_response(std::string& out, const Response& response, bool with_body,
                     ConnectionOption connection) {
  out.append(fmt::format("HTTP/1.1 {} {}\r\n", response.status, reason_phrase(response.status)));
  for (const auto& [name, value] : response.headers) {
    if (!is_token(name) || is_framing_field(name)) continue;
    append_line(out, name, is_field_value(value) ? value : harmless_field_value(value));
  }
  append_line(out, "content-length", fmt::format_int(response.body.size()).c_str());
  if (connection == ConnectionOption::keep_alive) append_line(out, "connection", "keep-alive");
  if (connection == ConnectionOption::close) append_line(out, "connection", "close");
  out.append("\r\n");
  if (with_body) out.append(response.body);
}

Status append_request(std::string& out, const Request& request, std::string_view host) {
  if (!is_token(request.method)) return malformed("request: the method is not a token");
  const auto printable = [](char c) { return c > 0x20 && c < 0x7f; };
  if (request.target.empty() || request.target[0] != '/' ||
      !std::all_of(request.target.begin(), request.target.end(), printable)) {
    return malformed("request: the target is not a path whose other characters are encoded");
  }
  out.append(request.method).append(" ").append(request.target).append(" HTTP/1.1\r\n");
  if (!find_header(request.headers, "host")) append_line(out, "host", host);
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_field_value(value)) {
      return malformed("request: a header has a character that HTTP can't carry");
    }
    if (!is_framing_field(name)) append_line(out, name, value);
  }
  if (!request.body.empty() || has_body_by_nature(request.method)) {
    append_line(out, "content-length", fmt::format_int(request.body.size()).c_str());
  }
  out.append("\r\n").append(request.body);
  return {};
}

}  // namespace vitrine::net::http1
