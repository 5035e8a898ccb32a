#include "storage/sqlite/copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "storage/sqlite/connection.h"
#include "storage/sqlite/schema.h"

namespace vitrine::storage::sqlite {
namespace {

// Entries of a batch whose head was not stored yet, and tiles that they finished.
constexpr const char* kEndAtHead = R"(
PRAGMA synchronous = FULL;
BEGIN IMMEDIATE;
DELETE FROM entries WHERE idx >= (SELECT size FROM head);
DELETE FROM batches WHERE size_after > (SELECT size FROM head);
DELETE FROM tiles WHERE (idx + 1) * (1 << (8 * (level + 1))) > (SELECT size FROM head);
COMMIT;
)";

std::string quoted(const std::string& path) {
  std::string text = "'";
  for (const char c : path) {
    text += c;
    if (c == '\'') text += c;
  }
  return text + "'";
}

Status sync_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int error = errno;
  if (file >= 0) ::close(file);
  if (synced) return {};
  return unavailable(path + ": sync: " + std::generic_category().message(error));
}

}  // namespace

Status copy_up_to_head(const std::string& from, const std::string& to) {
  VITRINE_TRY(auto source, Connection::open(from, false));
  VITRINE_CHECK(check_schema(source));
  VITRINE_CHECK(make_file(to));
  struct stat status {};
  if (::stat(to.c_str(), &status) != 0 || status.st_size != 0)
    return conflict(to + ": is there already");
  VITRINE_CHECK(source.execute(("VACUUM INTO " + quoted(to)).c_str()));
  VITRINE_TRY(auto copy, Connection::open(to, true));
  VITRINE_TRY(const auto heads, copy.integer("SELECT count(*) FROM head"));
  if (heads != 1) return not_found(from + ": holds no signed head");
  VITRINE_CHECK(copy.execute(kEndAtHead));
  return sync_file(to);
}

}  // namespace vitrine::storage::sqlite
