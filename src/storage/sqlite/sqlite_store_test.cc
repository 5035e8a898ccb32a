#include <fcntl.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "storage/conformance.h"
#include "storage/sqlite/open.h"

namespace vitrine::storage {

namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "vitrine-sqlite-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) std::abort();
    path_ = name;
  }
  ~Folder() { fs::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name = "ledger.db") const { return (path_ / name).string(); }

 private:
  fs::path path_;
};

class SqliteBench final : public Bench {
 public:
  Result<std::unique_ptr<Store>> open() override { return sqlite::open(folder_.file()); }

 private:
  Folder folder_;
};

std::unique_ptr<Bench> make_sqlite_bench() { return std::make_unique<SqliteBench>(); }

Batch some(std::uint64_t size_before, std::uint64_t count, std::size_t leaf_bytes = 100) {
  Batch batch;
  batch.size_before = size_before;
  for (std::uint64_t i = 0; i < count; ++i) {
    batch.records.push_back({Bytes(leaf_bytes, static_cast<Byte>(size_before + i + 1)), {}, {}});
  }
  batch.tag = to_bytes("tag");
  return batch;
}

std::unique_ptr<Store> opened(const std::string& path) {
  auto store = sqlite::open(path);
  if (!store) {
    ADD_FAILURE() << store.error().message;
    std::abort();
  }
  return *std::move(store);
}

// Changes the file by hand, as somebody with another program would.
void by_hand(const std::string& path, const char* sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  char* error = nullptr;
  EXPECT_EQ(sqlite3_exec(database, sql, nullptr, nullptr, &error), SQLITE_OK) << error;
  sqlite3_close(database);
}

// While it lives, no file of this process may grow beyond `bytes`: a full disk.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    previous_handler_ = std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &previous_);
    const rlimit limit{bytes, previous_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &previous_);
    std::signal(SIGXFSZ, previous_handler_);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit previous_{};
  void (*previous_handler_)(int) = nullptr;
};

}  // namespace

INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance, ::testing::Values(&make_sqlite_bench));

namespace sqlite {

TEST(SqliteStore, MakesAFileForItsOwnerAlone) {
  const Folder folder;
  const auto store = opened(folder.file());
  EXPECT_EQ(store->describe(), "sqlite " + folder.file());
  for (const char* name : {"ledger.db", "ledger.db.lock"}) {
    struct stat status {};
    ASSERT_EQ(::stat(folder.file(name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
  }
}

TEST(SqliteStore, RefusesASecondWriter) {
  const Folder folder;
  auto store = opened(folder.file());
  const auto second = open(folder.file());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Code::unavailable);
  EXPECT_EQ(second.error().message,
            folder.file("ledger.db.lock") + ": the data folder is in use by another process");
  store.reset();
  EXPECT_TRUE(open(folder.file()));
}

TEST(SqliteStore, NamesAFolderThatIsNotThere) {
  const auto refused = open("/nowhere/at/all/ledger.db");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::unavailable);
  EXPECT_EQ(refused.error().message,
            "/nowhere/at/all/ledger.db.lock: can't be opened: No such file or directory");
}

TEST(SqliteStore, RefusesAFileThatIsNotSqlite) {
  const Folder folder;
  std::ofstream(folder.file()) << "a letter to a friend, long enough to be a header";
  const auto refused = open(folder.file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::malformed);
  EXPECT_EQ(refused.error().message, folder.file() + ": not an SQLite file");
  EXPECT_NE(refused.error().hint, "");
}

TEST(SqliteStore, RefusesAnotherProgramsFileAndLeavesItAsItIs) {
  const Folder folder;
  by_hand(folder.file(), "CREATE TABLE recipes(name TEXT); PRAGMA application_id = 7");
  const auto size = fs::file_size(folder.file());
  const auto refused = open(folder.file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::malformed);
  EXPECT_EQ(refused.error().message, folder.file() + ": an SQLite file of another program");
  EXPECT_EQ(fs::file_size(folder.file()), size);
  EXPECT_FALSE(fs::exists(folder.file("ledger.db-wal")));
}

TEST(SqliteStore, RefusesANewerVersion) {
  const Folder folder;
  opened(folder.file()).reset();
  by_hand(folder.file(), "PRAGMA user_version = 2");
  const auto refused = open(folder.file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::malformed);
  EXPECT_EQ(refused.error().message,
            folder.file() + ": version 2 of the store, this program knows 1");
}

TEST(SqliteStore, NamesTheEntryThatIsMissing) {
  const Folder folder;
  auto store = opened(folder.file());
  ASSERT_TRUE(store->append(some(0, 3)));
  store.reset();
  by_hand(folder.file(), "DELETE FROM entries WHERE idx = 1");
  store = opened(folder.file());
  unsigned seen = 0;
  const auto read = store->read(0, 3, [&](std::uint64_t, const Record&) -> Status {
    ++seen;
    return {};
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::internal);
  EXPECT_EQ(read.error().message, folder.file() + ", entry 2: it is missing");
  EXPECT_EQ(seen, 1U);
}

// A page whose header misplaces its content still reads, and an insert would overwrite entries.
TEST(SqliteStore, SeesADamagedPageThatReadsWell) {
  const Folder folder;
  auto store = opened(folder.file());
  ASSERT_TRUE(store->append(some(0, 40, 1000)));
  EXPECT_TRUE(store->check_structure());
  store.reset();
  std::fstream file(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
  const auto end = static_cast<std::streamoff>(fs::file_size(folder.file()));
  bool changed = false;
  for (std::streamoff at = 4096; at < end && !changed; at += 4096) {
    char header[8] = {};
    file.seekg(at);
    file.read(header, sizeof(header));
    if (header[0] != 0x0d || header[4] < 3) continue;  // a leaf of a table, with entries
    header[6] ^= 0x40;                                 // where its content starts
    file.seekp(at);
    file.write(header, sizeof(header));
    changed = true;
  }
  file.close();
  ASSERT_TRUE(changed);
  store = opened(folder.file());
  EXPECT_EQ(store->read_one(39)->leaf.size(), 1000U);
  const auto damaged = store->check_structure();
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().code, Code::internal);
  EXPECT_EQ(damaged.error().message.find(folder.file() + ": damaged: "), 0U)
      << damaged.error().message;
}

TEST(SqliteStore, NamesTheEntryOfADamagedPage) {
  const Folder folder;
  auto store = opened(folder.file());
  ASSERT_TRUE(store->append(some(0, 40, 1000)));
  store.reset();
  // Every page after the schema's own few: what holds entries is no page any more.
  std::fstream file(folder.file(), std::ios::in | std::ios::out | std::ios::binary);
  const auto end = static_cast<std::streamoff>(fs::file_size(folder.file()));
  for (std::streamoff at = 6 * 4096; at < end; at += 4096) {
    file.seekp(at);
    file.write("\xff\xff\xff\xff\xff\xff\xff\xff", 8);
  }
  file.close();
  store = opened(folder.file());
  const auto read = store->read(0, 40, [](std::uint64_t, const Record&) { return Status(); });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Code::internal);
  EXPECT_EQ(read.error().message.find(folder.file() + ", entry "), 0U) << read.error().message;
  EXPECT_NE(read.error().message.find("can't be read"), std::string::npos) << read.error().message;
}

TEST(SqliteStore, WritesNothingOnAFullDiskAndGoesOnAfterwards) {
  const Folder folder;
  const auto store = opened(folder.file());
  ASSERT_TRUE(store->append(some(0, 2)));
  {
    const FullDisk full(256 * 1024);
    Status refused;
    std::uint64_t size = 2;
    // Some batches still fit.
    for (; refused && size < 1000; size += refused ? 20 : 0) {
      refused = store->append(some(size, 20, 4000));
    }
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Code::unavailable);
    EXPECT_EQ(refused.error().message.find(folder.file() + ": append: the disk"), 0U)
        << refused.error().message;
    EXPECT_EQ(store->size(), size);
  }
  const auto size = *store->size();
  EXPECT_TRUE(store->append(some(size, 20, 4000)));
  EXPECT_EQ(store->size(), size + 20);
}

TEST(SqliteStore, ReadsWithoutWritingBesideAWriter) {
  const Folder folder;
  const auto store = opened(folder.file());
  ASSERT_TRUE(store->append(some(0, 2)));
  const auto reader = open_read_only(folder.file());
  ASSERT_TRUE(reader) << reader.error().message;
  ASSERT_TRUE(store->append(some(2, 1)));
  EXPECT_EQ((*reader)->size(), 3U);
  EXPECT_TRUE((*reader)->read_one(2));
  const auto refused = (*reader)->append(some(3, 1));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::denied);
  EXPECT_EQ(refused.error().message, folder.file() + ": opened for reading only");
  EXPECT_EQ((*reader)->put_head({3, to_bytes("head")}).error().code, Code::denied);
}

TEST(SqliteStore, ReadOnlyMakesNoFile) {
  const Folder folder;
  EXPECT_EQ(open_read_only(folder.file()).error().code, Code::unavailable);
  EXPECT_FALSE(fs::exists(folder.file()));
}

TEST(SqliteStore, KeepsWhatWasAppendedWhenTheProcessIsKilled) {
  const Folder folder;
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    auto store = open(folder.file());
    const bool written =
        store && (*store)->append(some(0, 5)) && (*store)->put_head({5, to_bytes("head of 5")});
    if (written) ::kill(::getpid(), SIGKILL);
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto store = opened(folder.file());
  EXPECT_EQ(store->size(), 5U);
  EXPECT_EQ((*store->head())->size, 5U);
  EXPECT_TRUE(store->append(some(5, 1)));
}

// A store whose entries lie in the log alone, as a killed process leaves it.
void leave_in_the_log(const Folder& folder) {
  const Folder made;
  const auto store = opened(made.file());
  ASSERT_TRUE(store->append(some(0, 3)));
  for (const std::string name : {"ledger.db", "ledger.db-wal"}) {
    fs::copy_file(made.file(name), folder.file(name));
  }
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Closing it without an append wrote the log back into the file, so that a refused start changed
// the folder that it refused.
TEST(SqliteStore, LeavesTheFilesAsTheyWereUntilItAppends) {
  const Folder folder;
  leave_in_the_log(folder);
  const std::string file = content_of(folder.file());
  const std::string log = content_of(folder.file("ledger.db-wal"));
  ASSERT_FALSE(log.empty());
  EXPECT_EQ(opened(folder.file())->size(), 3U);
  EXPECT_EQ(content_of(folder.file()), file);
  EXPECT_EQ(content_of(folder.file("ledger.db-wal")), log);

  ASSERT_TRUE(opened(folder.file())->append(some(3, 1)));
  EXPECT_FALSE(fs::exists(folder.file("ledger.db-wal")));
  EXPECT_EQ(opened(folder.file())->size(), 4U);
}

// SQLite takes the log of an empty file for a leftover and removes it.
TEST(SqliteStore, RefusesAnEmptyFileWhoseLogIsNot) {
  const Folder folder;
  leave_in_the_log(folder);
  fs::resize_file(folder.file(), 0);
  const auto refused = open(folder.file());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Code::internal);
  EXPECT_EQ(refused.error().message,
            folder.file() + ": the file is empty, and its write-ahead log is not");
  EXPECT_GT(fs::file_size(folder.file("ledger.db-wal")), 0U);
}

}  // namespace sqlite
}  // namespace vitrine::storage
