#include "service/path_pattern.h"

#include <algorithm>

namespace vitrine::service {

bool is_pattern(std::string_view path) { return path.find('{') != std::string_view::npos; }

std::optional<PathParameters> match_path(std::string_view pattern, std::string_view path) {
  PathParameters parameters;
  while (true) {
    const std::size_t literal = std::min(pattern.find('{'), pattern.size());
    if (!path.starts_with(pattern.substr(0, literal))) return std::nullopt;
    path.remove_prefix(literal);
    pattern.remove_prefix(literal);
    if (pattern.empty()) break;
    const std::size_t name_end = std::min(pattern.find('}'), pattern.size());
    const std::size_t value_end = std::min(path.find_first_of("/:"), path.size());
    if (value_end == 0) return std::nullopt;
    parameters.emplace_back(pattern.substr(1, name_end - 1), path.substr(0, value_end));
    path.remove_prefix(value_end);
    pattern.remove_prefix(std::min(name_end + 1, pattern.size()));
  }
  if (!path.empty()) return std::nullopt;
  return parameters;
}

}  // namespace vitrine::service
