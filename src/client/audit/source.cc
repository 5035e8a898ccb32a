#include "client/audit/source.h"

namespace vitrine::client::audit {

Result<Bytes> Source::tile(const ledger::TileId&) {
  return not_found(describe() + ": has no store");
}

Status Source::batches(std::uint64_t, std::uint64_t, const std::function<Status(const Batch&)>&) {
  return {};
}

Status Source::check_structure() { return {}; }

}  // namespace vitrine::client::audit
