#include "storage/sqlite/writer.h"

#include <fmt/format.h>

#include "storage/sqlite/schema.h"

namespace vitrine::storage::sqlite {

Writer::Writer(Connection connection, Statement begin, Statement commit, Statement size,
               Statement entry, Statement batch, Statement tile, Statement head)
    : connection_(std::move(connection)),
      begin_(std::move(begin)),
      commit_(std::move(commit)),
      size_(std::move(size)),
      entry_(std::move(entry)),
      batch_(std::move(batch)),
      tile_(std::move(tile)),
      head_(std::move(head)) {}

Result<Writer> Writer::open(const std::string& path) {
  VITRINE_TRY(auto connection, Connection::open(path, true));
  // A start that is refused leaves the files as it found them.
  connection.let_close_tidy_up(false);
  // Before WAL is switched on: that would write to a file which is not ours.
  VITRINE_CHECK(make_or_check_schema(connection));
  {
    VITRINE_TRY(auto journal, connection.prepare("PRAGMA journal_mode=WAL"));
    if (!journal.step()) return tl::unexpected(connection.error("switch to WAL"));
    if (as_text(journal.bytes(0)) != "wal") {
      return unavailable(fmt::format("{}: no write-ahead log is possible here", path),
                         "the data folder must lie on a local file system");
    }
  }
  VITRINE_CHECK(connection.execute("PRAGMA synchronous=FULL"));
  VITRINE_TRY(auto begin, connection.prepare("BEGIN IMMEDIATE"));
  VITRINE_TRY(auto commit, connection.prepare("COMMIT"));
  VITRINE_TRY(auto size, connection.prepare("SELECT max(idx) FROM entries"));
  VITRINE_TRY(auto entry, connection.prepare("INSERT INTO entries(idx, leaf, sealed, blob) "
                                             "VALUES(?1, ?2, ?3, ?4)"));
  VITRINE_TRY(auto batch, connection.prepare("INSERT INTO batches(size_before, size_after, tag) "
                                             "VALUES(?1, ?2, ?3)"));
  // A tile is a function of the entries, so writing it again repairs it.
  VITRINE_TRY(auto tile, connection.prepare("INSERT OR REPLACE INTO tiles(tree, level, idx, hashes)"
                                            " VALUES(?1, ?2, ?3, ?4)"));
  VITRINE_TRY(auto head, connection.prepare("INSERT OR REPLACE INTO head(one, size, head) "
                                            "VALUES(1, ?1, ?2)"));
  return Writer(std::move(connection), std::move(begin), std::move(commit), std::move(size),
                std::move(entry), std::move(batch), std::move(tile), std::move(head));
}

Status Writer::append(const Batch& batch) {
  if (sync_failed_) {
    // After a failed sync the kernel may have dropped what it could not write; only reading the
    // file anew shows what is there.
    return unavailable(
        fmt::format("{}: append: an earlier write could not be made durable", connection_.path()),
        "look at the disk, then restart");
  }
  if (!begin_.run()) return tl::unexpected(connection_.error("append"));
  Status appended = append_in_transaction(batch);
  if (appended) {
    connection_.let_close_tidy_up(true);
    head_unsynced_ = false;
    return appended;
  }
  if (connection_.in_transaction()) {
    // Its failure changes nothing: what is not committed is not there.
    static_cast<void>(connection_.execute("ROLLBACK"));
  }
  return appended;
}

Status Writer::append_in_transaction(const Batch& batch) {
  VITRINE_CHECK(check_size(batch.size_before));
  VITRINE_CHECK(insert_entries(batch));
  VITRINE_CHECK(insert_tag(batch));
  VITRINE_CHECK(insert_tiles(batch));
  if (batch.head) VITRINE_CHECK(replace_head(*batch.head));
  return commit();
}

Status Writer::check_size(std::uint64_t size_before) {
  const ResetAtEnd reset(size_);
  if (!size_.step()) return tl::unexpected(connection_.error("append"));
  const std::uint64_t size =
      size_.is_null(0) ? 0 : static_cast<std::uint64_t>(size_.integer(0)) + 1;
  if (size == size_before) return {};
  return conflict(fmt::format("{}: append after {} entries, the store holds {}", connection_.path(),
                              size_before, size));
}

Status Writer::insert_entries(const Batch& batch) {
  const ResetAtEnd reset(entry_);
  const auto bind_or_null = [this](int parameter, const Bytes& bytes) {
    if (bytes.empty()) {
      entry_.bind_null(parameter);
    } else {
      entry_.bind(parameter, bytes);
    }
  };
  std::uint64_t index = batch.size_before;
  for (const Record& record : batch.records) {
    entry_.bind(1, index);
    entry_.bind(2, record.leaf);
    bind_or_null(3, record.sealed);
    bind_or_null(4, record.blob);
    if (!entry_.run()) return tl::unexpected(connection_.error("append"));
    ++index;
  }
  return {};
}

Status Writer::insert_tag(const Batch& batch) {
  const ResetAtEnd reset(batch_);
  batch_.bind(1, batch.size_before);
  batch_.bind(2, batch.size_before + batch.records.size());
  batch_.bind(3, batch.tag);
  if (!batch_.run()) return tl::unexpected(connection_.error("append"));
  return {};
}

Status Writer::insert_tiles(const Batch& batch) {
  const ResetAtEnd reset(tile_);
  for (const Tile& tile : batch.tiles) {
    tile_.bind(1, std::uint64_t{tile.tree});
    tile_.bind(2, std::uint64_t{tile.level});
    tile_.bind(3, tile.index);
    tile_.bind(4, tile.hashes);
    if (!tile_.run()) return tl::unexpected(connection_.error("append"));
  }
  return {};
}

Status Writer::commit() {
  if (commit_.run()) return {};
  Error error = connection_.error("append");
  sync_failed_ = commit_.code() == SQLITE_IOERR_FSYNC || commit_.code() == SQLITE_IOERR_DIR_FSYNC;
  return tl::unexpected(std::move(error));
}

Status Writer::replace_head(const Head& head) {
  const ResetAtEnd reset(head_);
  head_.bind(1, head.size);
  head_.bind(2, head.head);
  if (!head_.run()) return tl::unexpected(connection_.error("store the head"));
  return {};
}

// Written at once, so that a killed process leaves it behind, but synced only by what follows: a
// head can be signed again.
Status Writer::put_head(const Head& head) {
  VITRINE_CHECK(connection_.execute("PRAGMA synchronous=NORMAL"));
  Status written = replace_head(head);
  VITRINE_CHECK(connection_.execute("PRAGMA synchronous=FULL"));
  if (written) head_unsynced_ = true;
  return written;
}

Status Writer::sync() {
  if (!head_unsynced_) return {};
  VITRINE_CHECK(connection_.execute("UPDATE head SET size = size"));
  head_unsynced_ = false;
  return {};
}

}  // namespace vitrine::storage::sqlite
