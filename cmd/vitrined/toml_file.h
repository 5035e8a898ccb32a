// TOML read into JSON values that remember where each stood, so that an error names file and line.
// The only place that sees the TOML library.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "codec/json.h"

namespace vitrine::vitrined {

struct TomlFile {
  std::string path;
  codec::json::Object root;
  std::map<std::string, unsigned> lines;  // "listen.port" → line, from 1

  // "vitrine.toml, line 3"; the path alone for a name that is not in it.
  std::string place(std::string_view name) const;
};

inline constexpr std::size_t kTomlBytesMax = 1'048'576;
// malformed: names file, line and column. Dates and floats are refused: no setting is one.
Result<TomlFile> read_toml(const std::string& path);

}  // namespace vitrine::vitrined
