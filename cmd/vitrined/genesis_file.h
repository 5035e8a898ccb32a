// The genesis file (TOML): who governs and by which rules, whose tokens count, first policies,
// governed settings. Read once, when the data folder is empty; its content becomes ledger entries
// (docs/configuration.md).
#pragma once

#include <string>

#include "core/start.h"
#include "vitrined/toml_file.h"

namespace vitrine::vitrined {

// Paths in the file are relative to its folder. malformed: names file, line and setting, with a
// hint; or the file and what does not hold of the whole.
Result<core::Genesis> read_genesis(const std::string& path);

// For the genesis of development mode too.
Status add_issuer(governance::State& state, const std::string& issuer,
                  const std::string& jwks_path);

}  // namespace vitrine::vitrined
