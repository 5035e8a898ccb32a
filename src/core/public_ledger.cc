#include "core/public_ledger.h"

#include "core/fold.h"
#include "core/head.h"

namespace vitrine::core {
namespace {

Status fold_entry(State& state, TreePair& trees, const storage::Record& record) {
  VITRINE_TRY(const ledger::Leaf leaf, ledger::decode_leaf(record.leaf));
  if (leaf.previous && *leaf.previous != trees.roots())
    return malformed("the previous head it names is not that of the entries before it");
  VITRINE_CHECK(apply_stored(state, leaf, record.leaf, record.blob));
  trees.append(record.leaf, leaf);
  trees.take_finished();  // they are in the store
  return {};
}

tl::unexpected<Error> at(const storage::Store& store, std::uint64_t entry, const Error& error) {
  return fail(error.code == Code::internal ? Code::internal : Code::denied,
              store.describe() + ", entry " + std::to_string(entry) + ": " + error.message,
              error.hint);
}

}  // namespace

Result<PublicLedger> read_public_ledger(const storage::Store& store, TilesOfStore& tiles) {
  VITRINE_TRY(const std::uint64_t size, store.size());
  VITRINE_TRY(const auto stored_head, store.head());
  PublicLedger ledger;
  auto trees = std::make_shared<TreePair>(tiles);
  const auto fold = [&](std::uint64_t index, const storage::Record& record) -> Status {
    if (const Status folded = fold_entry(ledger.state, *trees, record); !folded)
      return at(store, index + 1, folded.error());
    if (!stored_head || stored_head->size != index + 1) return {};
    auto head = ledger::decode_signed_head(stored_head->head);
    if (!head) return at(store, index + 1, head.error());
    if (const Status verified = verify_head(*head, trees->roots(), *ledger.state.service);
        !verified)
      return at(store, index + 1, verified.error());
    ledger.signed_head = *std::move(head);
    return {};
  };
  VITRINE_CHECK(store.read(0, size, fold));
  if (ledger.state.size != size || ledger.state.node == nullptr)
    return denied(store.describe() + ": has no complete genesis, or can't be read to its end");
  if (stored_head && stored_head->size > size) {
    return denied(store.describe() + ": holds " + std::to_string(size) +
                  " entries, but the signed head says " + std::to_string(stored_head->size));
  }
  ledger.trees = std::move(trees);
  return ledger;
}

}  // namespace vitrine::core
