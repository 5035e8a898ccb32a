// The history of a service on the command line.
#include "cli/command_line.h"

namespace vitrine::cli {

namespace {

constexpr const char* kProgress = "Say how far it is, where there is no terminal";

void add_the_audit(CommandLine& line) {
  auto [audit, options] =
      line.add(line.root(), "audit", "Check the whole history of a service, and tell it",
               "  vitrine audit --url https://kms.example:8000 --service-cert service_cert.pem\n"
               "  vitrine audit --data vitrine-data --service-cert service_cert.pem\n"
               "  vitrine audit --data backup --json >history.jsonl\n"
               "  vitrine audit --from-head checkpoint-of-june --checkpoint-out checkpoint\n",
               run_audit);
  audit.text("--data", options.data,
             "A data folder, a backup or a ledger file; the service at --url without it");
  audit
      .texts("--from-head", options.from_heads,
             "A checkpoint seen earlier, which the history must extend")
      .each_takes_one();
  audit.text("--checkpoint-out", options.checkpoint_out, "Keep the newest checkpoint");
  audit.flag("--progress", options.progress, kProgress);
}

void add_backup(CommandLine& line) {
  auto [backup, options] =
      line.add(line.root(), "backup", "Copy a node's history, running or not, and audit the copy",
               "  vitrine backup --data vitrine-data --out backup-2026-11-24 \\\n"
               "      --service-cert service_cert.pem\n",
               run_backup);
  backup.text("--data", options.data, "The node's data folder").required();
  backup.text("--out", options.out, "The backup, a folder that is not there yet").required();
  backup.flag("--progress", options.progress, kProgress);
}

void add_restore(CommandLine& line) {
  auto [restore, options] =
      line.add(line.root(), "restore", "A data folder from a backup, to go on under a new log",
               "  vitrine restore --from backup-2026-11-24 --data vitrine-data \\\n"
               "      --newest-head checkpoint --service-cert service_cert.pem\n",
               run_restore);
  restore.text("--from", options.from, "The backup").required();
  restore.text("--data", options.data, "The new data folder, which is not there yet").required();
  restore
      .texts("--newest-head", options.newest_heads,
             "A checkpoint of the old log that somebody kept: refused if it is larger")
      .each_takes_one();
  restore.flag("--progress", options.progress, kProgress);
}

}  // namespace

void add_audit(CommandLine& line) {
  add_the_audit(line);
  add_backup(line);
  add_restore(line);
}

}  // namespace vitrine::cli
