// A snapshot: the state after some entry and what the trees held then, sealed to the service's
// secrets, so that a start need not fold every entry again (docs/formats/snapshot.md). Whoever uses
// one still has to find its `snapshot_taken` entry in the entries after it. Pure but for the seal's
// randomness.
#pragma once

#include "base/random.h"
#include "core/secrets.h"
#include "core/trees.h"
#include "core/view.h"
#include "ledger/entries.h"

namespace vitrine::core {

struct SealedSnapshot {
  ledger::SnapshotTaken entry;
  Bytes sealed;
};
SealedSnapshot seal_snapshot(const View& view, const ServiceSecrets& secrets, Random& random);

struct Snapshot {
  ledger::SnapshotTaken entry;  // what the ledger must say of it
  State state;
  TreePair trees;
};
// denied: another service's, or changed. malformed: not such a file, or of another format.
Result<Snapshot> open_snapshot(ByteView sealed, const ServiceSecrets& secrets,
                               ledger::TileSource& tiles);

}  // namespace vitrine::core
