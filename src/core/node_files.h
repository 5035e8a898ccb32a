// What a node keeps beside its store, on the same untrusted disk: the service's sealed secrets, the
// last head it sealed, and snapshots. Core says when and what, cmd where. Nothing read through here
// is believed before it is checked. Safe from any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace vitrine::core {

class NodeFiles {
 public:
  virtual ~NodeFiles() = default;

  // nullopt: there are none.
  virtual Result<std::optional<Bytes>> secrets() const = 0;
  // Those that a hand-off left for the next version of the program.
  virtual Result<std::optional<Bytes>> next_secrets() const = 0;
  // Replaces both by these: whoever reads finds the old ones or the new, whole, and never next ones
  // that are older. Durable when it returns.
  virtual Status put_secrets(ByteView sealed) = 0;
  virtual std::string describe_secrets() const = 0;  // for messages

  // nullopt: there is none.
  virtual Result<std::optional<Bytes>> last_head() const = 0;
  // Replaces it; whoever reads finds the old one or the new, whole. Durable when it returns.
  virtual Status put_last_head(ByteView sealed) = 0;
  virtual std::string describe_last_head() const = 0;  // for messages

  // What `vitrine restore` left (core/restore_marker.h); nullopt: nothing.
  virtual Result<std::optional<Bytes>> restore_marker() const = 0;
  virtual Status remove_restore_marker() = 0;  // durable when it returns

  // The sizes of the ledger that snapshots stand after, newest first.
  virtual Result<std::vector<std::uint64_t>> snapshots() const = 0;
  virtual Result<Bytes> snapshot(std::uint64_t size) const = 0;
  virtual Status put_snapshot(std::uint64_t size, ByteView sealed) = 0;  // durable when it returns
  virtual Status remove_snapshot(std::uint64_t size) = 0;
  virtual std::string describe_snapshot(std::uint64_t size) const = 0;
};

}  // namespace vitrine::core
