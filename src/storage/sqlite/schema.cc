#include "storage/sqlite/schema.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace vitrine::storage::sqlite {

namespace {

constexpr std::int64_t kApplicationId = 0x56697472;  // "Vitr"
constexpr std::int64_t kSchemaVersion = 1;

constexpr const char* kSchema = R"(
BEGIN EXCLUSIVE;
CREATE TABLE entries(
  idx INTEGER PRIMARY KEY,
  leaf BLOB NOT NULL,
  sealed BLOB,
  blob BLOB);
CREATE TABLE batches(
  size_before INTEGER PRIMARY KEY,
  size_after INTEGER NOT NULL,
  tag BLOB NOT NULL);
CREATE TABLE tiles(
  tree INTEGER NOT NULL,
  level INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  hashes BLOB NOT NULL,
  PRIMARY KEY(tree, level, idx)) WITHOUT ROWID;
CREATE TABLE head(
  one INTEGER PRIMARY KEY CHECK(one = 1),
  size INTEGER NOT NULL,
  head BLOB NOT NULL);
PRAGMA application_id = 1449751666;
PRAGMA user_version = 1;
COMMIT;
)";
static_assert(kApplicationId == 1449751666);

class Descriptor {
 public:
  explicit Descriptor(int descriptor) : descriptor_(descriptor) {}
  ~Descriptor() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return descriptor_; }

 private:
  int descriptor_;
};

tl::unexpected<Error> system_error(const std::string& path, std::string_view attempt) {
  return unavailable(
      fmt::format("{}: {}: {}", path, attempt, std::generic_category().message(errno)));
}

// A new name is durable only once its folder is.
Status sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor descriptor(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (descriptor.get() < 0 || ::fsync(descriptor.get()) != 0) return system_error(folder, "sync");
  return {};
}

// SQLite would throw the log of an empty file away, and with it what only the log holds.
Status check_no_lonely_log(const std::string& path) {
  struct stat file {};
  struct stat log {};
  if (::stat(path.c_str(), &file) == 0 && file.st_size > 0) return {};
  if (::stat((path + "-wal").c_str(), &log) != 0 || log.st_size == 0) return {};
  return internal(fmt::format("{}: the file is empty, and its write-ahead log is not", path),
                  "the file is damaged: restore it from a backup");
}

}  // namespace

Status make_file(const std::string& path) {
  VITRINE_CHECK(check_no_lonely_log(path));
  const Descriptor file(
      ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
  if (file.get() < 0) return system_error(path, "open");
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return system_error(path, "look at");
  if (!S_ISREG(status.st_mode)) return malformed(fmt::format("{}: not a regular file", path));
  if (status.st_size == 0) return sync_folder_of(path);
  constexpr std::string_view kMagic("SQLite format 3\0", 16);
  char start[kMagic.size()] = {};
  if (::pread(file.get(), start, sizeof(start), 0) < 0) return system_error(path, "read");
  if (std::string_view(start, sizeof(start)) != kMagic) {
    return malformed(fmt::format("{}: not an SQLite file", path),
                     "another program's file, or a damaged one: choose another data folder or "
                     "restore a backup");
  }
  return {};
}

Status make_or_check_schema(Connection& connection) {
  VITRINE_TRY(const auto objects, connection.integer("SELECT count(*) FROM sqlite_schema"));
  VITRINE_TRY(const auto application, connection.integer("PRAGMA application_id"));
  if (objects == 0 && application == 0) VITRINE_CHECK(connection.execute(kSchema));
  return check_schema(connection);
}

Status check_schema(Connection& connection) {
  VITRINE_TRY(const auto application, connection.integer("PRAGMA application_id"));
  if (application != kApplicationId) {
    return malformed(fmt::format("{}: an SQLite file of another program", connection.path()),
                     "choose another data folder");
  }
  VITRINE_TRY(const auto version, connection.integer("PRAGMA user_version"));
  if (version != kSchemaVersion) {
    return malformed(fmt::format("{}: version {} of the store, this program knows {}",
                                 connection.path(), version, kSchemaVersion),
                     "start the version of the program that wrote it, or a newer one");
  }
  return {};
}

}  // namespace vitrine::storage::sqlite
