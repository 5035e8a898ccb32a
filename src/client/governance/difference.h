// What changes from one JSON value to another, line by line for people. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "codec/json.h"

namespace vitrine::client {

// `sign` as in a diff: '+' comes, '-' goes, '~' becomes another, ' ' says something about it.
struct Line {
  char sign = ' ';
  std::string text;
};
using Lines = std::vector<Line>;

// Members are named by their path ("claims.x-ms-ver"). Arrays are compared as sets of values. No
// lines where both are equal. null is "not there".
Lines difference(std::string_view path, const codec::json::Value& before,
                 const codec::json::Value& after);

// A value on one line in printable characters, cut where it is long: a service's or a proposer's
// text may not move the reader's cursor.
std::string shown(const codec::json::Value& value);
std::string shown(std::string_view text);

}  // namespace vitrine::client
