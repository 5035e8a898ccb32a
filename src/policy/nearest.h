// "Did you mean": the nearest of a list of names.
#pragma once

#include <span>
#include <string_view>

namespace vitrine::policy {

// The candidate with the smallest edit distance to `name`, if that is at most a third of the name's
// length; else empty. Names over 64 bytes have no neighbour.
std::string_view nearest(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace vitrine::policy
