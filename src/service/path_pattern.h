// Patterns of paths: "/gov/members/proposals/{proposalId}/ballots/{memberId}:submit". Pure.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace vitrine::service {

// By name, in the order of the pattern; views into the pattern and the path.
using PathParameters = std::vector<std::pair<std::string_view, std::string_view>>;

bool is_pattern(std::string_view path);
// A "{name}" stands for one or more characters up to the next '/' or ':'; all else for itself.
// nullopt: the path is another.
std::optional<PathParameters> match_path(std::string_view pattern, std::string_view path);

}  // namespace vitrine::service
