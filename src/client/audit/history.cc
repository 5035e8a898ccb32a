#include "client/audit/history.h"

#include <fmt/format.h>

#include <algorithm>

namespace vitrine::client::audit {
namespace {

constexpr std::uint64_t kBatchesAtOnce = 1024;
constexpr std::size_t kHashBytes = sizeof(Digest);

constexpr std::string_view kChanged =
    "its bytes are not those that were hashed when it was written";

Error broken(std::string message) { return {Code::internal, std::move(message), {}}; }

ByteView hash_in(ByteView tile, std::size_t index) {
  return tile.subspan(index * kHashBytes, kHashBytes);
}

// How many leaves one hash of that level stands for.
std::uint64_t leaves_under(unsigned level) {
  std::uint64_t leaves = 1;
  for (; level > 0; --level) leaves *= ledger::kTileWidth;
  return leaves;
}

std::string_view name_of(ledger::TreeKind tree) {
  return tree == ledger::TreeKind::rfc9162 ? "RFC 9162" : "CCF";
}

}  // namespace

std::string place_of(const Finding& finding) {
  if (finding.last == 0) return {};
  if (finding.first == finding.last) return fmt::format("entry {}", finding.first);
  return fmt::format("entries {} to {}", finding.first, finding.last);
}

History::History(Source& source)
    : source_(source),
      tiles_(source),
      rfc9162_(ledger::TreeKind::rfc9162, tiles_),
      ccf_(ledger::TreeKind::ccf, tiles_),
      signed_root_(ledger::empty_root()) {}

void History::watch(std::uint64_t size) {
  watched_.emplace(size, size == 0 ? std::optional(roots()) : std::nullopt);
}

std::optional<ledger::Roots> History::roots_at(std::uint64_t size) const {
  const auto found = watched_.find(size);
  return found == watched_.end() ? std::nullopt : found->second;
}

ledger::Roots History::roots() const { return {size(), rfc9162_.root(), ccf_.root()}; }

Result<Digest> History::earlier_root(std::uint64_t size) const {
  if (size == 0) return ledger::empty_root();
  // Refuses tiles that do not lead to the root of now.
  VITRINE_CHECK(rfc9162_.consistency_path(size, this->size()));
  return rfc9162_.root_at(size);
}

Digest History::signed_root_before(const ledger::Leaf& leaf) const {
  return leaf.previous ? leaf.previous->ccf : signed_root_;
}

Found<void> History::append(ByteView leaf_bytes, const ledger::Leaf& leaf) {
  if (auto checked = check_batch(leaf); !checked) return checked;
  const LeafHashes own{ledger::rfc9162_leaf_hash(leaf_bytes),
                       ledger::ccf_leaf_hash(leaf_bytes, leaf)};
  if (auto checked = check_previous(leaf, own); !checked) return checked;
  rfc9162_.append(own.rfc9162);
  ccf_.append(own.ccf);
  if (auto checked = check_tiles(); !checked) return checked;
  if (const auto watched = watched_.find(size()); watched != watched_.end())
    watched->second = roots();
  return {};
}

Found<void> History::check_previous(const ledger::Leaf& leaf, const LeafHashes& own) {
  const std::uint64_t place = size() + 1;
  if (!leaf.previous) {
    if (size() == 0) return found_at(1, 1, broken("it names no previous head"));
    return {};
  }
  if (*leaf.previous != roots()) {
    Error error = broken(fmt::format(
        "the head of {} entries that entry {} names is not that of the entries before it",
        leaf.previous->size, place));
    return changed(unconfirmed(), place, std::move(error), &own);
  }
  confirmed_ = size();
  signed_root_ = leaf.previous->ccf;
  return {};
}

// The store's list of batches and the leaves tell the same bounds.
Found<void> History::check_batch(const ledger::Leaf& leaf) {
  if (!source_.has_store()) return {};
  const std::uint64_t place = size() + 1;
  const auto differ = [place](std::string message) {
    return found_at(place, place, broken(std::move(message)));
  };
  if (!leaf.previous) {
    if (size() < batch_end_) return {};
    return differ("a batch of the store begins here, and the entry names no previous head");
  }
  if (size() != batch_end_) {
    return differ(
        fmt::format("it begins a batch, and the store's batch ends after entry {}", batch_end_));
  }
  if (batches_.empty()) {
    const Status read =
        source_.batches(size(), kBatchesAtOnce, [this](const Batch& batch) -> Status {
          batches_.push_back(batch);
          return {};
        });
    // What was read before the damage still stands.
    if (!read && batches_.empty()) return found_at(place, place, read.error());
  }
  if (batches_.empty() || batches_.front().before != size() || batches_.front().after <= size())
    return differ("the store lists no batch that begins here");
  batch_end_ = batches_.front().after;
  batches_.pop_front();
  return {};
}

Found<void> History::check_tiles() {
  const auto rfc9162 = rfc9162_.take_finished();
  const auto ccf = ccf_.take_finished();
  if (!source_.has_store()) return {};
  for (std::size_t i = 0; i < rfc9162.size(); ++i) {
    if (rfc9162[i].id.level == 0) {
      const auto index = changed_in(rfc9162[i].id.index, rfc9162[i].hashes, ccf[i].hashes);
      if (index) return found_at(*index + 1, *index + 1, broken(std::string(kChanged)));
    }
    if (auto checked = check_tile(rfc9162[i]); !checked) return checked;
    if (auto checked = check_tile(ccf[i]); !checked) return checked;
  }
  return {};
}

Found<void> History::check_tile(const ledger::Tree::FinishedTile& tile) const {
  const std::uint64_t each = leaves_under(tile.id.level);
  const std::uint64_t begin = tile.id.index * ledger::kTileWidth * each;
  const std::string name =
      fmt::format("tile {}/{} of the {} tree", tile.id.level, tile.id.index, name_of(tile.id.tree));
  const auto stored = source_.tile(tile.id);
  if (!stored) {
    const bool absent = stored.error().code == Code::not_found;
    return found_at(begin + 1, begin + ledger::kTileWidth * each,
                    absent ? broken(name + " is missing") : stored.error());
  }
  if (same(*stored, tile.hashes)) return {};
  if (stored->size() != tile.hashes.size())
    return found_at(begin + 1, begin + ledger::kTileWidth * each,
                    broken(name + fmt::format(": {} bytes", stored->size())));
  std::size_t at = 0;
  while (same(hash_in(*stored, at), hash_in(tile.hashes, at))) ++at;
  return found_at(begin + at * each + 1, begin + (at + 1) * each,
                  broken(name + ": its hash is not that of the entries"));
}

// A changed entry hashes otherwise in both trees; a changed tile differs in its own alone.
std::optional<std::uint64_t> History::changed_in(std::uint64_t tile, ByteView rfc9162,
                                                 ByteView ccf) const {
  if (!source_.has_store()) return std::nullopt;
  const auto stored_rfc9162 = source_.tile({ledger::TreeKind::rfc9162, 0, tile});
  const auto stored_ccf = source_.tile({ledger::TreeKind::ccf, 0, tile});
  if (!stored_rfc9162 || !stored_ccf) return std::nullopt;
  for (std::size_t at = 0; (at + 1) * kHashBytes <= rfc9162.size(); ++at) {
    const std::size_t end = (at + 1) * kHashBytes;
    if (end > stored_rfc9162->size() || end > stored_ccf->size()) break;
    if (!same(hash_in(*stored_rfc9162, at), hash_in(rfc9162, at)) &&
        !same(hash_in(*stored_ccf, at), hash_in(ccf, at)))
      return tile * ledger::kTileWidth + at;
  }
  return std::nullopt;
}

tl::unexpected<Finding> History::changed(std::uint64_t first, std::uint64_t last, Error error,
                                         const LeafHashes* next) const {
  // Full tiles have agreed; of the unfinished one the store may have the full one, made of entries
  // that are still to come.
  const std::uint64_t tile = size() / ledger::kTileWidth;
  const std::uint64_t width = size() % ledger::kTileWidth;
  Bytes rfc9162;
  Bytes ccf;
  if (width > 0) {
    auto before = rfc9162_.tile(0, tile, width);
    auto ccf_before = ccf_.tile(0, tile, width);
    if (!before || !ccf_before) return found_at(first, last, std::move(error));
    rfc9162 = *std::move(before);
    ccf = *std::move(ccf_before);
  }
  if (next != nullptr) {
    vitrine::append(rfc9162, next->rfc9162);
    vitrine::append(ccf, next->ccf);
  }
  const auto index = changed_in(tile, rfc9162, ccf);
  if (!index) return found_at(first, last, std::move(error));
  return found_at(*index + 1, *index + 1, {error.code, std::string(kChanged), {}});
}

Found<void> History::finish() const {
  if (!source_.has_store() || batch_end_ == size()) return {};
  return found_at(size(), size(),
                  broken(fmt::format("the store's batch goes on to entry {}", batch_end_)));
}

}  // namespace vitrine::client::audit
