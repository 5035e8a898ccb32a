#include <fmt/format.h>

#include <optional>

#include "base/mutex.h"
#include "storage/sqlite/lock_file.h"
#include "storage/sqlite/open.h"
#include "storage/sqlite/reader.h"
#include "storage/sqlite/schema.h"
#include "storage/sqlite/writer.h"

namespace vitrine::storage::sqlite {

namespace {

class SqliteStore final : public Store {
 public:
  // Without lock and writer: read only.
  SqliteStore(std::string path, std::optional<LockFile> lock, std::optional<Writer> writer)
      : path_(std::move(path)),
        lock_(std::move(lock)),
        writer_(std::move(writer)),
        readers_(path_) {}

  Result<std::uint64_t> size() const override {
    return readers_.with([](Reader& reader) { return reader.size(); });
  }

  Status append(const Batch& batch) override {
    VITRINE_CHECK(check(batch));
    const Lock lock(mutex_);
    if (!writer_) return read_only();
    return writer_->append(batch);
  }

  Status read(
      std::uint64_t first, std::uint64_t count,
      const std::function<Status(std::uint64_t index, Record record)>& each) const override {
    return readers_.with([&](Reader& reader) { return reader.read(first, count, each); });
  }

  Status read_tags(std::uint64_t first, std::uint64_t count,
                   const std::function<Status(const BatchTag&)>& each) const override {
    return readers_.with([&](Reader& reader) { return reader.read_tags(first, count, each); });
  }

  Result<Bytes> tile(std::uint8_t tree, std::uint8_t level, std::uint64_t index) const override {
    return readers_.with([&](Reader& reader) { return reader.tile(tree, level, index); });
  }

  Status put_head(const Head& head) override {
    const Lock lock(mutex_);
    if (!writer_) return read_only();
    return writer_->put_head(head);
  }

  Status check_structure() const override {
    return readers_.with([](Reader& reader) { return reader.check_structure(); });
  }

  Result<std::optional<Head>> head() const override {
    return readers_.with([](Reader& reader) { return reader.head(); });
  }

  Status sync() override {
    const Lock lock(mutex_);
    return writer_ ? writer_->sync() : Status();
  }

  std::string describe() const override { return "sqlite " + path_; }

 private:
  Status read_only() const { return denied(fmt::format("{}: opened for reading only", path_)); }

  const std::string path_;
  const std::optional<LockFile> lock_;  // given up last
  Mutex mutex_;
  std::optional<Writer> writer_ VITRINE_GUARDED_BY(mutex_);
  mutable ReaderPool readers_;
};

}  // namespace

Result<std::unique_ptr<Store>> open(const std::string& path) {
  VITRINE_TRY(auto lock, LockFile::take(path + ".lock"));
  VITRINE_CHECK(make_file(path));
  VITRINE_TRY(auto writer, Writer::open(path));
  return std::make_unique<SqliteStore>(path, std::move(lock), std::move(writer));
}

Result<std::unique_ptr<Store>> open_read_only(const std::string& path) {
  VITRINE_TRY(auto connection, Connection::open(path, false));
  VITRINE_CHECK(check_schema(connection));
  return std::make_unique<SqliteStore>(path, std::nullopt, std::nullopt);
}

}  // namespace vitrine::storage::sqlite
