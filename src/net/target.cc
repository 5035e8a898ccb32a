#include "net/target.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/limits.h"

namespace vitrine::net {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_value(text[i + 1]) >= 0 &&
        hex_value(text[i + 2]) >= 0) {
      result.push_back(static_cast<char>(hex_value(text[i + 1]) * 16 + hex_value(text[i + 2])));
      i += 2;
    } else {
      result.push_back(text[i] == '+' ? ' ' : text[i]);
    }
  }
  return result;
}

// The part of an absolute target (RFC 9112 3.2.2) that a server routes by.
std::string_view without_authority(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (text.substr(0, scheme.size()) != scheme) continue;
    const auto path = text.find_first_of("/?", scheme.size());
    return path == std::string_view::npos ? "/" : text.substr(path);
  }
  return text;
}

void put(Target& target, std::string_view part) {
  const auto equals = part.find('=');
  const auto name = part.substr(0, equals);
  std::optional<std::string> value;
  if (equals != std::string_view::npos) {
    const auto rest = part.substr(equals + 1);
    value = rest.substr(0, rest.find('='));
  }
  const auto known = std::find_if(target.query.begin(), target.query.end(),
                                  [&](const auto& pair) { return pair.first == name; });
  if (known != target.query.end()) {
    known->second = std::move(value);
  } else {
    target.query.emplace_back(name, std::move(value));
  }
}

}  // namespace

std::optional<std::string_view> Target::find(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

Result<Target> parse_target(std::string_view text) {
  if (text.size() > limits::kRequestTargetBytesMax) {
    return malformed(fmt::format("request target: over {} bytes", limits::kRequestTargetBytesMax));
  }
  const auto local = without_authority(text);
  if (local != "*" && (local.empty() || (local[0] != '/' && local.size() == text.size()))) {
    return malformed("request target: neither a path nor an http or https URL");
  }
  Target target;
  const auto whole = local.substr(0, local.find('#'));
  const auto mark = whole.find('?');
  target.path = whole.substr(0, mark);
  if (target.path.empty()) target.path = "/";
  if (mark == std::string_view::npos) return target;
  const auto query = decode(whole.substr(mark + 1));
  std::string_view rest = query;
  while (!rest.empty()) {
    const auto end = rest.find('&');
    if (const auto part = rest.substr(0, end); !part.empty()) put(target, part);
    if (target.query.size() > kQueryNamesMax) {
      return malformed(fmt::format("request target: over {} names in the query", kQueryNamesMax));
    }
    rest.remove_prefix(end == std::string_view::npos ? rest.size() : end + 1);
  }
  return target;
}

}  // namespace vitrine::net
