// The genesis file (TOML): members and users by certificate file, issuers by JWKS file, first
// policies, governed settings. Read once, when the data folder is empty; its content becomes ledger
// entries (docs/configuration.md).
#pragma once

#include <string>

#include "core/start.h"
#include "vitrined/toml_file.h"

namespace vitrine::vitrined {

// Paths in the file are relative to its folder. malformed: names file, line and setting, with a
// hint.
Result<core::Genesis> read_genesis(const std::string& path);

// For the genesis of development mode too.
Status add_member(governance::State& state, const std::string& certificate_path);
Status add_user(governance::State& state, const std::string& certificate_path);
Status add_issuer(governance::State& state, const std::string& issuer,
                  const std::string& jwks_path);

}  // namespace vitrine::vitrined
