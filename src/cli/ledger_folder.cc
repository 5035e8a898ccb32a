#include "cli/ledger_folder.h"

#include <sys/stat.h>

#include "base/file.h"
#include "storage/sqlite/open.h"

namespace vitrine::cli {
namespace {

bool is_folder(const std::string& path) {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

}  // namespace

Result<LedgerFolder> LedgerFolder::open(const std::string& path) {
  std::string file = is_folder(path) ? path + "/ledger.db" : path;
  if (!exists(file)) {
    return not_found(file + ": no such file",
                     "name the data folder of a service, a backup, or the ledger's file");
  }
  VITRINE_TRY(auto store, storage::sqlite::open_read_only(file));
  return LedgerFolder(std::move(file), std::move(store));
}

Result<ledger::SignedHead> LedgerFolder::head() {
  VITRINE_TRY(const auto stored, store_->head());
  if (!stored) return not_found(path_ + ": no signed head");
  VITRINE_TRY(auto head, ledger::decode_signed_head(stored->head));
  if (head.root.roots.size != stored->size) {
    return internal(path_ + ": the signed head is of " + std::to_string(head.root.roots.size) +
                    " entries, and is kept as one of " + std::to_string(stored->size));
  }
  return head;
}

Result<std::uint64_t> LedgerFolder::size() { return store_->size(); }

Status LedgerFolder::read(
    std::uint64_t first, std::uint64_t count,
    const std::function<Status(std::uint64_t index, client::audit::Item item)>& each) {
  return store_->read(first, count, [&each](std::uint64_t index, storage::Record record) -> Status {
    return each(index, {std::move(record.leaf), std::move(record.sealed), std::move(record.blob)});
  });
}

Result<Bytes> LedgerFolder::blob(std::uint64_t index, const ledger::BlobRef&) {
  VITRINE_TRY(auto record, store_->read_one(index));
  return std::move(record.blob);
}

Result<Bytes> LedgerFolder::tile(const ledger::TileId& id) {
  return store_->tile(static_cast<std::uint8_t>(id.tree), id.level, id.index);
}

Status LedgerFolder::batches(std::uint64_t first, std::uint64_t count,
                             const std::function<Status(const client::audit::Batch&)>& each) {
  return store_->read_tags(first, count, [&each](const storage::BatchTag& tag) -> Status {
    return each({tag.size_before, tag.size_after});
  });
}

Status LedgerFolder::check_structure() { return store_->check_structure(); }

}  // namespace vitrine::cli
