// The ledger in a data folder, a backup or a file of its own, opened for reading alone: also while
// a service is writing it.
#pragma once

#include <memory>
#include <string>

#include "client/audit/source.h"
#include "storage/store.h"

namespace vitrine::cli {

class LedgerFolder final : public client::audit::Source {
 public:
  // `path`: the file, or the folder that holds `ledger.db`. not_found, malformed: no ledger there.
  static Result<LedgerFolder> open(const std::string& path);

  const std::string& path() const { return path_; }
  std::string describe() const override { return path_; }
  Result<ledger::SignedHead> head() override;
  Result<std::uint64_t> size() override;
  Status read(
      std::uint64_t first, std::uint64_t count,
      const std::function<Status(std::uint64_t index, client::audit::Item item)>& each) override;
  Result<Bytes> blob(std::uint64_t index, const ledger::BlobRef& named) override;
  bool has_store() const override { return true; }
  Result<Bytes> tile(const ledger::TileId& id) override;
  Status batches(std::uint64_t first, std::uint64_t count,
                 const std::function<Status(const client::audit::Batch&)>& each) override;
  Status check_structure() override;

 private:
  LedgerFolder(std::string path, std::unique_ptr<storage::Store> store)
      : path_(std::move(path)), store_(std::move(store)) {}

  std::string path_;
  std::unique_ptr<storage::Store> store_;
};

}  // namespace vitrine::cli
