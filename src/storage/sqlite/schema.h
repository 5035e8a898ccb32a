// The tables (docs/formats/store.md) and how a file is recognised as a ledger of this version.
#pragma once

#include <string>

#include "base/result.h"
#include "storage/sqlite/connection.h"

namespace vitrine::storage::sqlite {

// Makes an empty file, readable by its owner alone, where there is none. malformed: what is there
// is no SQLite file.
Status make_file(const std::string& path);
// Makes the tables in an empty file, or checks that they are of this version. malformed: another
// program's file, or a newer version's.
Status make_or_check_schema(Connection& connection);
Status check_schema(Connection& connection);

}  // namespace vitrine::storage::sqlite
