// The contract of a store, in bytes, sizes and conditions: it keeps the ledger's entries in order,
// finished tiles, the newest head, and nothing else. Engines share this and storage/conformance.h,
// no code. Safe from any thread; one writer.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace vitrine::storage {

struct Record {
  Bytes leaf;    // never empty
  Bytes sealed;  // empty: none
  Bytes blob;    // empty: none
};

struct Tile {
  std::uint8_t tree = 0;
  std::uint8_t level = 0;
  std::uint64_t index = 0;
  Bytes hashes;
};

struct Head {
  std::uint64_t size = 0;
  Bytes head;  // opaque
};

// Written in one durable transaction, or not at all.
struct Batch {
  std::uint64_t size_before = 0;  // how many entries the store must hold now
  std::vector<Record> records;
  Bytes tag;  // covers the entries up to size_before + records.size(); opaque here
  std::vector<Tile> tiles;
  std::optional<Head> head;  // of a size up to size_before; replaces the one that is there
};

// What every engine refuses before it writes: malformed where there is no record, a record without
// leaf, or a number over 2^63 - 1.
Status check(const Batch& batch);

struct BatchTag {
  std::uint64_t size_before = 0;
  std::uint64_t size_after = 0;
  Bytes tag;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual Result<std::uint64_t> size() const = 0;  // entries
  // conflict: size() != size_before. unavailable: the disk is full or fails; nothing was written.
  // On success everything is durable.
  virtual Status append(const Batch& batch) = 0;
  // Entries [first, first + count) in order; fewer at the end. internal: the store is damaged; the
  // message names file and entry. The callback's error stops and is returned.
  virtual Status read(
      std::uint64_t first, std::uint64_t count,
      const std::function<Status(std::uint64_t index, Record record)>& each) const = 0;
  Result<Record> read_one(std::uint64_t index) const;  // not_found
  // At most `count` tags in order of size_before, from the batch that holds entry `first`.
  virtual Status read_tags(std::uint64_t first, std::uint64_t count,
                           const std::function<Status(const BatchTag&)>& each) const = 0;
  // not_found where it was never written.
  virtual Result<Bytes> tile(std::uint8_t tree, std::uint8_t level, std::uint64_t index) const = 0;
  // Replaces the head. Durable no later than the next append or sync().
  virtual Status put_head(const Head& head) = 0;
  virtual Result<std::optional<Head>> head() const = 0;
  virtual Status sync() = 0;
  // Whether an append would leave what is there as it is: the engine's own structures, which
  // entries that read well say nothing of. internal: damaged; names the file. May take a second a
  // gigabyte.
  virtual Status check_structure() const = 0;
  virtual std::string describe() const = 0;  // "sqlite vitrine-data/ledger.db", for messages
};

}  // namespace vitrine::storage
