#include "storage/sqlite/connection.h"

#include <fmt/format.h>

#include "base/assert.h"

namespace vitrine::storage::sqlite {

namespace {

// How long a write waits for a reader of another process that checkpoints or recovers.
constexpr int kBusyTimeoutMs = 5'000;

Error make_error(const std::string& path, std::string_view attempt, int code,
                 std::string_view reason) {
  const auto message = [&](std::string_view what) {
    return fmt::format("{}: {}: {} ({})", path, attempt, what, reason);
  };
  switch (code & 0xff) {
    case SQLITE_FULL:
      return {Code::unavailable, message("the disk is full"), "free space where the file lies"};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {Code::internal, message("the file is damaged"), "restore it from a backup"};
    case SQLITE_CONSTRAINT:
      return {Code::conflict, message("the store holds something else at this place"), {}};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Code::unavailable, message("another process holds the file"),
              "stop the other process"};
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_NOMEM:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_PROTOCOL:
      return {Code::unavailable, message("the disk or the system refused"),
              "look at the disk, its mount options and the permissions of the file"};
    default:
      return {Code::internal, message("unexpected"), {}};
  }
}

}  // namespace

Result<Connection> Connection::open(const std::string& path, bool writable) {
  sqlite3* raw = nullptr;
  const int flags = (writable ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  const int code = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  Connection connection(std::unique_ptr<sqlite3, Close>(raw),
                        std::make_unique<const std::string>(path));
  if (code != SQLITE_OK) {
    return tl::unexpected(make_error(path, "open", code, sqlite3_errstr(code)));
  }
  sqlite3_busy_timeout(raw, kBusyTimeoutMs);
  // The file is the operator's: its schema may not run functions, and damage must show.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  VITRINE_CHECK(connection.execute("PRAGMA cell_size_check=ON"));
  return connection;
}

Status Connection::execute(const char* sql) {
  if (sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return tl::unexpected(error(sql));
  }
  return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(database_.get(), sql.data(), static_cast<int>(sql.size()),
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr) != SQLITE_OK) {
    return tl::unexpected(error("prepare"));
  }
  return Statement(statement);
}

Result<std::int64_t> Connection::integer(std::string_view sql) {
  VITRINE_TRY(auto statement, prepare(sql));
  if (!statement.step()) return tl::unexpected(error(sql));
  return statement.integer(0);
}

void Connection::let_close_tidy_up(bool allowed) {
  sqlite3_db_config(database_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, allowed ? 0 : 1, nullptr);
}

Error Connection::error(std::string_view attempt) const {
  return make_error(*path_, attempt, extended_code(), sqlite3_errmsg(database_.get()));
}

void Statement::bind(int parameter, std::uint64_t value) {
  const int code =
      sqlite3_bind_int64(statement_.get(), parameter, static_cast<sqlite3_int64>(value));
  VITRINE_ASSERT(code == SQLITE_OK);
}

void Statement::bind(int parameter, ByteView bytes) {
  // A null pointer would bind NULL, and an empty tag is not none.
  const int code = bytes.empty() ? sqlite3_bind_zeroblob(statement_.get(), parameter, 0)
                                 : sqlite3_bind_blob64(statement_.get(), parameter, bytes.data(),
                                                       bytes.size(), SQLITE_STATIC);
  VITRINE_ASSERT(code == SQLITE_OK);
}

void Statement::bind_null(int parameter) {
  VITRINE_ASSERT(sqlite3_bind_null(statement_.get(), parameter) == SQLITE_OK);
}

bool Statement::step() {
  code_ = sqlite3_step(statement_.get());
  return code_ == SQLITE_ROW;
}

bool Statement::run() {
  const bool row = step();
  const bool done = !row && !failed();
  sqlite3_reset(statement_.get());
  return done;
}

void Statement::reset() {
  sqlite3_reset(statement_.get());
  sqlite3_clear_bindings(statement_.get());
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_.get(), column) == SQLITE_NULL;
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_.get(), column);
}

ByteView Statement::bytes(int column) const {
  const void* data = sqlite3_column_blob(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr) return {};
  return {static_cast<const Byte*>(data), static_cast<std::size_t>(size)};
}

}  // namespace vitrine::storage::sqlite
