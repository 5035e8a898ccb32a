#include "cli/timeline.h"

#include <fmt/format.h>

#include "base/hex.h"
#include "cli/entry_text.h"

namespace vitrine::cli {
namespace {

constexpr std::size_t kReleasedMax = 64;  // that are held back at once

std::string line(Time time, const std::string& id, std::string_view what) {
  std::string text = fmt::format("{}  {:<12} ", to_rfc3339(time), id);
  const std::size_t indent = text.size();
  for (const char c : what) {
    text += c;
    if (c == '\n') text.append(indent, ' ');
  }
  return text + '\n';
}

}  // namespace

void Timeline::entry(const client::audit::Read& entry, const client::audit::Before& before,
                     const client::audit::Standing& after) {
  const ledger::Kind kind = entry.leaf.kind;
  if (!out_.json() && kind == ledger::Kind::key_released) return add_release(entry);
  if (!out_.json() && kind == ledger::Kind::snapshot_taken) return;
  write_releases();
  const EntryText text = text_of(entry, before, after);
  progress_.clear();
  if (!out_.json()) {
    out_.raw(line(entry.leaf.time, ledger::to_text(entry.leaf.id), text.what));
    return;
  }
  codec::json::Object document;
  document["transaction_id"] = ledger::to_text(entry.leaf.id);
  document["time"] = to_rfc3339(entry.leaf.time);
  document["kind"] = ledger::name_of(kind);
  document["what"] = text.what;
  document["governance"] = to_hex(entry.leaf.governance.digest);
  for (const auto& member : text.members) document[member.key()] = member.value();
  out_.raw(codec::json::write(document) + '\n');
}

void Timeline::add_release(const client::audit::Read& entry) {
  const auto released = ledger::decode_key_released(entry.leaf.public_part);
  if (!released) return;  // the audit refuses such an entry before it is told of
  Releases& releases = releases_[{released->kid, released->format, released->profile}];
  if (releases.count++ == 0) {
    releases.first = entry.leaf.time;
    releases.first_id = entry.leaf.id;
  }
  releases.last = entry.leaf.time;
  releases.last_id = entry.leaf.id;
  if (releases_.size() > kReleasedMax) write_releases();
}

void Timeline::write_releases() {
  if (releases_.empty()) return;
  progress_.clear();
  for (const auto& [released, releases] : releases_) {
    const auto& [kid, format, profile] = released;
    std::string what =
        fmt::format("key {} released ({}, {})", shown(kid), shown(format), shown(profile));
    if (releases.count > 1) {
      what += fmt::format(" {} times until {}, {}", releases.count, to_rfc3339(releases.last),
                          ledger::to_text(releases.last_id));
    }
    out_.raw(line(releases.first, ledger::to_text(releases.first_id), what));
  }
  releases_.clear();
}

}  // namespace vitrine::cli
