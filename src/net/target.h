// The target of a request: path and query, read by the rules of kms-api.md 1.2.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace vitrine::net {

// The query is decoded as a whole first (%XX, '+' as space; a '%' without two digits stays), then
// split at '&' and '='. So an encoded '&' separates, the last of equal names wins, text after a
// second '=' is lost, and a name without '=' has no value.
struct Target {
  std::string path;  // as sent, never decoded: routes are compared byte by byte
  std::vector<std::pair<std::string, std::optional<std::string>>> query;  // each name once

  // The value of that name; nullopt where the name is absent or has no value.
  std::optional<std::string_view> find(std::string_view name) const;
};

inline constexpr std::size_t kQueryNamesMax = 64;

// Takes "/path?query", an absolute "https://host/path?query" and "*"; a fragment is dropped.
// malformed: another form, over limits::kRequestTargetBytesMax or kQueryNamesMax.
Result<Target> parse_target(std::string_view text);

}  // namespace vitrine::net
