// The history of a service for people, a line for what happened, written as it is read; or for
// programs, a JSON document for each entry (docs/audit.md). Releases of a key that follow one
// another are one line.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "cli/output.h"
#include "cli/progress.h"
#include "client/audit/auditor.h"

namespace vitrine::cli {

class Timeline final : public client::audit::Observer {
 public:
  Timeline(Output& out, Progress& progress) : out_(out), progress_(progress) {}

  void entry(const client::audit::Read& entry, const client::audit::Before& before,
             const client::audit::Standing& after) override;
  void progress(std::uint64_t entries, std::uint64_t of) override { progress_.show(entries, of); }
  // What was held back.
  void finish() { write_releases(); }

 private:
  struct Releases {
    std::uint64_t count = 0;
    Time first, last;
    ledger::TransactionId first_id, last_id;
  };
  using Released = std::tuple<std::string, std::string, std::string>;  // kid, format, profile

  void add_release(const client::audit::Read& entry);
  void write_releases();

  Output& out_;
  Progress& progress_;
  std::map<Released, Releases> releases_;
};

}  // namespace vitrine::cli
