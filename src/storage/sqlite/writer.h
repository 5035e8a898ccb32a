// The write side: one connection, one transaction a batch.
#pragma once

#include <string>

#include "storage/sqlite/connection.h"
#include "storage/store.h"

namespace vitrine::storage::sqlite {

// Not thread-safe; the store guards it.
class Writer {
 public:
  // Sets up WAL and the tables. The file must exist.
  static Result<Writer> open(const std::string& path);

  Status append(const Batch& batch);
  Status put_head(const Head& head);
  Status sync();

 private:
  Writer(Connection connection, Statement begin, Statement commit, Statement size, Statement entry,
         Statement batch, Statement tile, Statement head);
  Status append_in_transaction(const Batch& batch);
  Status check_size(std::uint64_t size_before);
  Status insert_entries(const Batch& batch);
  Status insert_tag(const Batch& batch);
  Status insert_tiles(const Batch& batch);
  Status replace_head(const Head& head);
  Status commit();

  Connection connection_;
  Statement begin_;
  Statement commit_;
  Statement size_;
  Statement entry_;
  Statement batch_;
  Statement tile_;
  Statement head_;
  bool head_unsynced_ = false;
  bool sync_failed_ = false;
};

}  // namespace vitrine::storage::sqlite
