#include "core/recover.h"

#include <algorithm>

#include "base/log.h"
#include "core/last_head.h"
#include "core/snapshot.h"

namespace vitrine::core {
namespace {

constexpr std::size_t kSnapshotsTriedMax = 3;

Result<ledger::Roots> read_last_head(const NodeFiles& files, const ServiceSecrets& secrets,
                                     const LastHeadAtStart& at_start) {
  if (at_start.instead) return *at_start.instead;
  const std::string name = files.describe_last_head();
  VITRINE_TRY(const auto sealed, files.last_head());
  if (!sealed && at_start.where_missing) return *at_start.where_missing;
  if (!sealed) {
    return denied(name + ": is missing, so nothing tells whether the store is the newest",
                  "put a copy of it in place; an older one of the same service will do");
  }
  auto roots = open_last_head(*sealed, secrets);
  if (!roots) return in_context(name, roots.error());
  return *roots;
}

Result<Recovered> recover_from(std::uint64_t size, const storage::Store& store,
                               const NodeFiles& files, const ServiceSecrets& secrets,
                               TilesOfStore& tiles, const ledger::Roots& last_head) {
  VITRINE_TRY(const Bytes sealed, files.snapshot(size));
  VITRINE_TRY(Snapshot snapshot, open_snapshot(sealed, secrets, tiles));
  if (snapshot.entry.size != size) return malformed("its name says another size");
  const ledger::Roots roots = snapshot.trees.roots();
  VITRINE_TRY(Replayed replayed,
              replay(store, secrets, {std::move(snapshot.state), std::move(snapshot.trees)},
                     last_head, files.describe_last_head()));
  const auto& named = replayed.snapshots;
  if (std::find(named.begin(), named.end(), snapshot.entry) == named.end())
    return denied("no entry after it names it");
  return Recovered{std::move(replayed), roots};
}

}  // namespace

Result<Recovered> recover(const storage::Store& store, const NodeFiles& files,
                          const ServiceSecrets& secrets, TilesOfStore& tiles,
                          const LastHeadAtStart& at_start) {
  VITRINE_TRY(const ledger::Roots last_head, read_last_head(files, secrets, at_start));
  std::vector<std::uint64_t> sizes;
  if (auto listed = files.snapshots()) {
    sizes = *std::move(listed);
  } else {
    log::warning("snapshots ignored", {{"reason", listed.error().message}});
  }
  std::size_t tried = 0;
  for (const std::uint64_t size : sizes) {
    if (!at_start.known.empty()) break;
    // One that is newer than the last head would hide whether the store extends that head.
    if (size > last_head.size) continue;
    if (tried++ == kSnapshotsTriedMax) break;
    auto recovered = recover_from(size, store, files, secrets, tiles, last_head);
    if (recovered) return recovered;
    log::warning("snapshot ignored",
                 {{"file", files.describe_snapshot(size)}, {"reason", recovered.error().message}});
  }
  VITRINE_TRY(Replayed replayed, replay(store, secrets, {State{}, TreePair(tiles)}, last_head,
                                        files.describe_last_head(), at_start.known));
  return Recovered{std::move(replayed), {}};
}

}  // namespace vitrine::core
