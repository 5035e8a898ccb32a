// SQLite's connections and statements as values that clean up, with errors that name the file. Each
// connection is used by one thread at a time.
#pragma once

#include <sqlite3.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace vitrine::storage::sqlite {

class Statement;

class Connection {
 public:
  // The file must exist.
  static Result<Connection> open(const std::string& path, bool writable);

  Status execute(const char* sql);
  Result<Statement> prepare(std::string_view sql);
  // The one integer that `sql` gives.
  Result<std::int64_t> integer(std::string_view sql);
  // Whether closing the last connection may write the log back into the file and remove it.
  void let_close_tidy_up(bool allowed);
  bool in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }
  const std::string& path() const { return *path_; }
  // The last failure: unavailable (disk, memory, locks), internal (damage), conflict (constraint).
  Error error(std::string_view attempt) const;
  int extended_code() const { return sqlite3_extended_errcode(database_.get()); }

 private:
  friend class Statement;
  struct Close {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  Connection(std::unique_ptr<sqlite3, Close> database, std::unique_ptr<const std::string> path)
      : database_(std::move(database)), path_(std::move(path)) {}
  std::unique_ptr<sqlite3, Close> database_;
  std::unique_ptr<const std::string> path_;
};

// A prepared statement, run many times. Bytes bound are borrowed until reset().
class Statement {
 public:
  void bind(int parameter, std::uint64_t value);
  void bind(int parameter, ByteView bytes);
  void bind_null(int parameter);
  // True: a row stands ready. The result code is in code() where it failed.
  bool step();
  int code() const { return code_; }
  bool failed() const { return code_ != SQLITE_ROW && code_ != SQLITE_DONE; }
  // Runs it to the end: for what gives no row. False where it failed.
  bool run();
  void reset();

  bool is_null(int column) const;
  std::int64_t integer(int column) const;
  ByteView bytes(int column) const;  // valid until the next step or reset

 private:
  friend class Connection;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  int code_ = SQLITE_OK;
};

// Resets a statement at the end of a scope, so that it holds neither locks nor borrowed bytes.
class ResetAtEnd {
 public:
  explicit ResetAtEnd(Statement& statement) : statement_(statement) {}
  ~ResetAtEnd() { statement_.reset(); }
  ResetAtEnd(const ResetAtEnd&) = delete;
  ResetAtEnd& operator=(const ResetAtEnd&) = delete;

 private:
  Statement& statement_;
};

}  // namespace vitrine::storage::sqlite
