#include "storage/sqlite/reader.h"

#include <fmt/format.h>

#include <algorithm>

namespace vitrine::storage::sqlite {

namespace {

constexpr std::size_t kIdleMax = 8;
// A statement that runs keeps old pages alive for all; so long reads are made of short ones.
constexpr std::uint64_t kChunk = 256;
constexpr std::uint64_t kIndexMax = 0x7fff'ffff'ffff'ffff;

}  // namespace

Reader::Reader(Connection connection, Statement size, Statement entries, Statement tags,
               Statement tile, Statement head)
    : connection_(std::move(connection)),
      size_(std::move(size)),
      entries_(std::move(entries)),
      tags_(std::move(tags)),
      tile_(std::move(tile)),
      head_(std::move(head)) {}

Result<std::unique_ptr<Reader>> Reader::open(const std::string& path) {
  VITRINE_TRY(auto connection, Connection::open(path, false));
  VITRINE_TRY(auto size, connection.prepare("SELECT max(idx) FROM entries"));
  VITRINE_TRY(auto entries,
              connection.prepare("SELECT idx, leaf, sealed, blob FROM entries WHERE idx >= ?1 "
                                 "ORDER BY idx LIMIT ?2"));
  VITRINE_TRY(
      auto tags,
      connection.prepare("SELECT size_before, size_after, tag FROM batches WHERE size_before >= "
                         "(SELECT max(size_before) FROM batches WHERE size_before <= ?1) "
                         "AND size_after > ?1 ORDER BY size_before LIMIT ?2"));
  VITRINE_TRY(
      auto tile,
      connection.prepare("SELECT hashes FROM tiles WHERE tree = ?1 AND level = ?2 AND idx = ?3"));
  VITRINE_TRY(auto head, connection.prepare("SELECT size, head FROM head WHERE one = 1"));
  return std::unique_ptr<Reader>(new Reader(std::move(connection), std::move(size),
                                            std::move(entries), std::move(tags), std::move(tile),
                                            std::move(head)));
}

tl::unexpected<Error> Reader::damaged(std::uint64_t index, std::string_view reason) const {
  return internal(fmt::format("{}, entry {}: {}", connection_.path(), index + 1, reason),
                  "the file is damaged: restore it from a backup");
}

Result<std::uint64_t> Reader::size() {
  const ResetAtEnd reset(size_);
  if (!size_.step()) return tl::unexpected(connection_.error("count entries"));
  if (size_.is_null(0)) return 0;
  if (size_.integer(0) < 0) return damaged(0, "its index is negative");
  return static_cast<std::uint64_t>(size_.integer(0)) + 1;
}

Status Reader::read(std::uint64_t first, std::uint64_t count,
                    const std::function<Status(std::uint64_t index, Record record)>& each) {
  while (count > 0 && first <= kIndexMax) {
    const std::uint64_t wanted = std::min(count, kChunk);
    VITRINE_TRY(const auto got, read_chunk(first, wanted, each));
    if (got < wanted) return {};
    first += got;
    count -= got;
  }
  return {};
}

Result<std::uint64_t> Reader::read_chunk(
    std::uint64_t first, std::uint64_t count,
    const std::function<Status(std::uint64_t index, Record record)>& each) {
  const ResetAtEnd reset(entries_);
  entries_.bind(1, first);
  entries_.bind(2, count);
  std::uint64_t index = first;
  while (entries_.step()) {
    if (entries_.integer(0) != static_cast<std::int64_t>(index)) {
      return damaged(index, "it is missing");
    }
    Record record{to_bytes(entries_.bytes(1)), to_bytes(entries_.bytes(2)),
                  to_bytes(entries_.bytes(3))};
    if (record.leaf.empty()) return damaged(index, "it has no leaf");
    VITRINE_CHECK(each(index, std::move(record)));
    ++index;
  }
  if (entries_.failed()) {
    Error error = connection_.error("read");
    if (error.code != Code::internal) return tl::unexpected(std::move(error));
    return damaged(index, fmt::format("can't be read ({})", sqlite3_errstr(entries_.code())));
  }
  return index - first;
}

Status Reader::read_tags(std::uint64_t first, std::uint64_t count,
                         const std::function<Status(const BatchTag&)>& each) {
  if (first > kIndexMax) return {};
  const ResetAtEnd reset(tags_);
  tags_.bind(1, first);
  tags_.bind(2, std::min(count, kIndexMax));
  while (tags_.step()) {
    VITRINE_CHECK(each({static_cast<std::uint64_t>(tags_.integer(0)),
                        static_cast<std::uint64_t>(tags_.integer(1)), to_bytes(tags_.bytes(2))}));
  }
  if (tags_.failed()) return tl::unexpected(connection_.error("read batch tags"));
  return {};
}

Result<Bytes> Reader::tile(std::uint8_t tree, std::uint8_t level, std::uint64_t index) {
  const auto absent = [&] {
    return not_found(fmt::format("{}: no tile {}/{}/{}", connection_.path(), tree, level, index));
  };
  if (index > kIndexMax) return absent();
  const ResetAtEnd reset(tile_);
  tile_.bind(1, std::uint64_t{tree});
  tile_.bind(2, std::uint64_t{level});
  tile_.bind(3, index);
  if (tile_.step()) return to_bytes(tile_.bytes(0));
  if (tile_.failed()) {
    return tl::unexpected(connection_.error(fmt::format("read tile {}/{}/{}", tree, level, index)));
  }
  return absent();
}

Result<std::optional<Head>> Reader::head() {
  const ResetAtEnd reset(head_);
  if (head_.step()) {
    return Head{static_cast<std::uint64_t>(head_.integer(0)), to_bytes(head_.bytes(1))};
  }
  if (head_.failed()) return tl::unexpected(connection_.error("read the head"));
  return std::optional<Head>();
}

// A page whose header is damaged may read well, and the next insert into it overwrites entries.
Status Reader::check_structure() {
  VITRINE_TRY(auto check, connection_.prepare("PRAGMA quick_check(1)"));
  if (!check.step()) return tl::unexpected(connection_.error("check the pages"));
  const auto found = as_text(check.bytes(0));
  if (found == "ok") return {};
  return internal(fmt::format("{}: damaged: {}", connection_.path(),
                              found.substr(found.find_last_of('\n') + 1)),
                  "restore it from a backup");
}

Result<std::unique_ptr<Reader>> ReaderPool::take() {
  {
    const Lock lock(mutex_);
    if (!idle_.empty()) {
      auto reader = std::move(idle_.back());
      idle_.pop_back();
      return reader;
    }
  }
  return Reader::open(path_);
}

void ReaderPool::give_back(std::unique_ptr<Reader> reader) {
  const Lock lock(mutex_);
  if (idle_.size() < kIdleMax) idle_.push_back(std::move(reader));
}

}  // namespace vitrine::storage::sqlite
