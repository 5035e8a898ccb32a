// The embedded engine: one SQLite file in WAL mode (docs/formats/store.md). The store is safe from
// any thread; one process writes, others may read.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "storage/store.h"

namespace vitrine::storage::sqlite {

// Opens or makes the file for writing and holds `<path>.lock` as long as the store lives.
// unavailable: another process has it, or the disk fails; malformed: the file is no ledger of this
// version; internal: it is damaged. Each names the file.
Result<std::unique_ptr<Store>> open(const std::string& path);
// For audits and backups, while a service may be writing. Whatever would write answers denied.
Result<std::unique_ptr<Store>> open_read_only(const std::string& path);

}  // namespace vitrine::storage::sqlite
