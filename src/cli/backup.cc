// vitrine backup: a copy of a node's history, audited before it counts (docs/formats/backup.md).
#include <fmt/format.h>

#include "base/file.h"
#include "base/hex.h"
#include "cli/audit_run.h"
#include "cli/connection.h"
#include "cli/folder.h"
#include "storage/sqlite/copy.h"

namespace vitrine::cli {

Status run_backup(const BackupOptions& options, Context& context) {
  VITRINE_TRY(const auto pinned, required_certificate(context.global));
  VITRINE_TRY(const auto source, LedgerFolder::open(options.data));
  VITRINE_CHECK(make_empty_folder(options.out));
  VITRINE_CHECK(storage::sqlite::copy_up_to_head(source.path(), options.out + "/ledger.db"));
  // After the entries: secrets are sealed anew before an entry needs them.
  VITRINE_TRY(const bool sealed,
              copy_if_there(options.data + "/service.sealed", options.out + "/service.sealed",
                            kSealedSecretsBytesMax));
  VITRINE_TRY(auto copy, LedgerFolder::open(options.out));
  VITRINE_TRY(const auto report, audit_quietly(copy, {}, options.progress, context));
  // Last: a folder without it is no backup.
  VITRINE_CHECK(
      write_file_atomically(options.out + "/checkpoint", as_bytes(report.head.checkpoint), 0600));
  VITRINE_TRY(const auto bytes, size_of_file(copy.path()));

  const std::string root = to_hex(report.head.root.roots.rfc9162);
  Fields fields;
  fields.add("backup",
             fmt::format("{}: {} entries, {} bytes, audited", options.out, report.entries, bytes));
  fields.add("signed head", fmt::format("{} entries, RFC 9162 root {}", report.entries, root));
  fields.add("secrets", sealed ? "service.sealed: opens with the node's seal"
                               : "none: recovery shares are needed to open it");
  codec::json::Object document;
  document["backup"] = options.out;
  document["entries"] = report.entries;
  document["bytes"] = bytes;
  document["rfc9162_root"] = root;
  document["checkpoint"] = report.head.checkpoint;
  document["service_sealed"] = sealed;
  context.out.result(fields.to_text(), document);
  return {};
}

}  // namespace vitrine::cli
