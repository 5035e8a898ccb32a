// vitrine restore: a data folder from a backup, marked so that the service goes on under a new log
// (docs/formats/backup.md).
#include <fmt/format.h>

#include "base/file.h"
#include "base/hex.h"
#include "cli/audit_run.h"
#include "cli/folder.h"
#include "cli/input.h"
#include "storage/sqlite/copy.h"

namespace vitrine::cli {
namespace {

constexpr std::size_t kShownHeadsMax = 16;

// `restore.json` (docs/formats/backup.md).
std::string marker_of(const client::audit::Report& report, const std::vector<std::string>& shown) {
  const ledger::Roots& roots = report.head.root.roots;
  codec::json::Object object;
  object["format"] = "vitrine/restore@v1";
  object["origin"] = report.standing.service->log.name;
  object["size"] = roots.size;
  object["rfc9162"] = to_hex(roots.rfc9162);
  object["ccf"] = to_hex(roots.ccf);
  object["checkpoint"] = report.head.checkpoint;
  codec::json::Array notes;
  for (const std::string& note : shown) notes.emplace_back(boost::json::string(note));
  object["shown"] = std::move(notes);
  return codec::json::write_pretty(object) + '\n';
}

Result<std::vector<std::string>> checkpoints_in(const std::vector<std::string>& files) {
  if (files.size() > kShownHeadsMax)
    return malformed(fmt::format("restore: over {} heads", kShownHeadsMax));
  std::vector<std::string> notes;
  for (const std::string& file : files) {
    VITRINE_TRY(auto note, read_text(file, kCheckpointBytesMax));
    notes.push_back(std::move(note));
  }
  return notes;
}

// A larger or other head means that the old log went on: restoring would lose what it answered.
Result<client::audit::Report> audited(const RestoreOptions& options,
                                      const std::vector<std::string>& shown, Context& context) {
  VITRINE_TRY(auto backup, LedgerFolder::open(options.from));
  VITRINE_TRY(auto kept, read_text(options.from + "/checkpoint", kCheckpointBytesMax));
  std::vector<std::string> earlier = shown;
  earlier.push_back(std::move(kept));
  auto report = audit_quietly(backup, earlier, options.progress, context);
  if (!report && report.error().code == Code::denied) {
    Error error = report.error();
    error.message = "restore refused: " + error.message;
    error.hint = "restore the newest backup there is; what came after it would be lost";
    return tl::unexpected<Error>(std::move(error));
  }
  if (!report) return report;
  if (report->entries != report->signed_entries) {
    return malformed(options.from + ": holds entries that no signed head covers",
                     "this is a data folder and no backup: make one with vitrine backup");
  }
  return report;
}

}  // namespace

Status run_restore(const RestoreOptions& options, Context& context) {
  VITRINE_TRY(const auto shown, checkpoints_in(options.newest_heads));
  VITRINE_TRY(const auto report, audited(options, shown, context));
  VITRINE_CHECK(make_empty_folder(options.data));
  VITRINE_CHECK(
      storage::sqlite::copy_up_to_head(options.from + "/ledger.db", options.data + "/ledger.db"));
  VITRINE_TRY(const bool sealed,
              copy_if_there(options.from + "/service.sealed", options.data + "/service.sealed",
                            kSealedSecretsBytesMax));
  // Last: a folder without it does not start.
  VITRINE_CHECK(write_file_atomically(options.data + "/restore.json",
                                      as_bytes(marker_of(report, shown)), 0600));
  if (shown.empty()) {
    context.out.note(
        "no --newest-head was given: nobody but who kept one can say whether the old log went on "
        "after this backup");
  }
  const std::string root = to_hex(report.head.root.roots.rfc9162);
  Fields fields;
  fields.add("restored", fmt::format("{}: {} entries, until {}", options.data, report.entries,
                                     to_rfc3339(report.standing.time)));
  fields.add("old log",
             fmt::format("{}, RFC 9162 root {}", report.standing.service->log.name, root));
  fields.add("next", fmt::format("vitrined --data {}: goes on under a new log{}", options.data,
                                 sealed ? "" : ", once recovery shares opened it"));
  codec::json::Object document;
  document["restored"] = options.data;
  document["entries"] = report.entries;
  document["old_origin"] = report.standing.service->log.name;
  document["rfc9162_root"] = root;
  document["service_sealed"] = sealed;
  context.out.result(fields.to_text(), document);
  return {};
}

}  // namespace vitrine::cli
