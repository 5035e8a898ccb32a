// The history of a service on the command line.
#include "cli/command_line.h"

namespace vitrine::cli {

void add_audit(CommandLine& line) {
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
  audit.flag("--progress", options.progress, "Say how far it is, where there is no terminal");
}

}  // namespace vitrine::cli
