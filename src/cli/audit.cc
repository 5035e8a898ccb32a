// vitrine audit: the whole history of a service, checked and told.
#include <fmt/format.h>

#include <iostream>
#include <memory>

#include "base/hex.h"
#include "cli/audit_run.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/entry_text.h"
#include "cli/input.h"
#include "cli/ledger_folder.h"
#include "cli/timeline.h"
#include "client/audit/http_source.h"
#include "ledger/checkpoint.h"

namespace vitrine::cli {
namespace {

using client::audit::Finding;
using client::audit::Report;
using codec::json::Object;

Result<std::unique_ptr<client::audit::Source>> source_of(const AuditOptions& options,
                                                         const Context& context) {
  if (!options.data.empty()) {
    VITRINE_TRY(auto folder, LedgerFolder::open(options.data));
    return std::make_unique<LedgerFolder>(std::move(folder));
  }
  VITRINE_TRY(auto config, client_config(context));
  const std::string url = config.url;
  VITRINE_TRY(auto http, net::Client::make(std::move(config)));
  return std::make_unique<client::audit::HttpSource>(url, std::move(http));
}

std::string summary(const std::string& source, const Report& report) {
  const auto& standing = report.standing;
  const auto checkpoint = report.head.root.roots;
  Fields fields;
  fields.add("intact", fmt::format("{}: {} entries, until {}", source, report.entries,
                                   to_rfc3339(standing.time)));
  fields.add("log", standing.service->log.name);
  fields.add("genesis", to_hex(standing.service->genesis_hash));
  fields.add("signed head", fmt::format("{} entries, RFC 9162 root {}", checkpoint.size,
                                        to_hex(checkpoint.rfc9162)));
  if (report.entries > report.signed_entries) {
    fields.add("not signed yet",
               fmt::format("the last {}: only the service's own start can vouch for them",
                           report.entries - report.signed_entries));
  }
  const auto count = [&report](ledger::Kind kind) {
    const auto found = report.kinds.find(kind);
    return found == report.kinds.end() ? std::uint64_t{0} : found->second;
  };
  fields.add("keys made", std::to_string(count(ledger::Kind::key_created)));
  fields.add("releases", std::to_string(count(ledger::Kind::key_released)));
  fields.add("governance", to_hex(standing.governance_ref.digest));
  if (!report.sealed_parts_seen)
    fields.add("not seen", "sealed parts: they are in the data folder alone");
  return fields.to_text();
}

Object document_of(const std::string& source, const Report& report) {
  const auto& roots = report.head.root.roots;
  Object document;
  document["verdict"] = "intact";
  document["source"] = source;
  document["entries"] = report.entries;
  document["signed_entries"] = report.signed_entries;
  document["rfc9162_root"] = to_hex(roots.rfc9162);
  document["ccf_root"] = to_hex(roots.ccf);
  document["checkpoint"] = report.head.checkpoint;
  document["log_origin"] = report.standing.service->log.name;
  document["genesis"] = to_hex(report.standing.service->genesis_hash);
  document["governance"] = to_hex(report.standing.governance_ref.digest);
  document["sealed_parts_seen"] = report.sealed_parts_seen;
  Object kinds;
  for (const auto& [kind, count] : report.kinds) kinds[ledger::name_of(kind)] = count;
  document["kinds"] = std::move(kinds);
  return document;
}

Object document_of(const std::string& source, const Finding& finding) {
  Object document;
  document["verdict"] = finding.error.code == Code::unavailable ? "unknown" : "broken";
  document["source"] = source;
  if (finding.last != 0) {
    document["first"] = finding.first;
    document["last"] = finding.last;
  }
  document["reason"] = finding.error.message;
  return document;
}

}  // namespace

Status run_audit(const AuditOptions& options, Context& context) {
  VITRINE_TRY(auto pinned, required_certificate(context.global));
  client::audit::Options asked{std::move(pinned), {}};
  for (const std::string& file : options.from_heads) {
    VITRINE_TRY(auto note, read_text(file, kCheckpointBytesMax));
    asked.earlier.push_back(std::move(note));
  }
  VITRINE_TRY(const auto source, source_of(options, context));
  Progress progress(std::cerr, Progress::form(options.progress), "audited", "entries");
  Timeline timeline(context.out, progress);
  const auto report = client::audit::audit(*source, asked, timeline);
  timeline.finish();
  progress.clear();
  const std::string name = source->describe();
  if (!report) {
    if (context.out.json())
      context.out.raw(codec::json::write(document_of(name, report.error())) + '\n');
    return as_error(name, report.error());
  }
  if (!options.checkpoint_out.empty())
    VITRINE_CHECK(write_public(options.checkpoint_out, as_bytes(report->head.checkpoint)));
  context.out.result((context.out.json() ? "" : "\n") + summary(name, *report),
                     document_of(name, *report));
  return {};
}

}  // namespace vitrine::cli
