// Where an audit takes a ledger from: a service, a data folder or its backup. Nothing that comes
// from here is believed. One thread.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "ledger/entries.h"
#include "ledger/signed_head.h"
#include "ledger/tree.h"

namespace vitrine::client::audit {

struct Item {
  Bytes leaf;
  // As stored, empty where there is none; nullopt where this source does not show them.
  std::optional<Bytes> sealed;
  std::optional<Bytes> blob;
};

// Entries [before, after).
struct Batch {
  std::uint64_t before = 0, after = 0;
};

class Source {
 public:
  virtual ~Source() = default;
  virtual std::string describe() const = 0;  // "https://kms.example:8000", for messages

  // The newest head that the source has signed. not_found: none.
  virtual Result<ledger::SignedHead> head() = 0;
  // How many entries there are to read; at least the size of the head that head() gave before.
  virtual Result<std::uint64_t> size() = 0;
  // Entries [first, first + count) in order. The callback's error stops and is returned. internal:
  // damaged, unavailable: the disk or the network.
  virtual Status read(std::uint64_t first, std::uint64_t count,
                      const std::function<Status(std::uint64_t index, Item item)>& each) = 0;
  // The blob that entry `index` names, where read() showed none. not_found.
  virtual Result<Bytes> blob(std::uint64_t index, const ledger::BlobRef& named) = 0;

  // What a store keeps beside the entries. A source that has no store says so and is not asked.
  virtual bool has_store() const { return false; }
  // But for tiles, which others may show too; not_found.
  virtual Result<Bytes> tile(const ledger::TileId& id);
  // At most `count` batches in order, from the one that holds entry `first`. internal: damaged.
  virtual Status batches(std::uint64_t first, std::uint64_t count,
                         const std::function<Status(const Batch&)>& each);
  // Its own structures (pages, indexes).
  virtual Status check_structure();
};

}  // namespace vitrine::client::audit
