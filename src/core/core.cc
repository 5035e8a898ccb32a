#include "core/core.h"

#include <algorithm>

#include "ledger/receipt.h"
#include "ledger/seal.h"

namespace vitrine::core {
namespace {

constexpr std::size_t kKeyReceiptsMax = 4096;

}  // namespace

Core::Core(const Parts& parts, ServiceSecrets secrets, std::unique_ptr<Trees> trees, State state,
           std::array<Byte, 16> boot_id)
    : store_(parts.store),
      clock_(parts.clock),
      random_(parts.random),
      observer_(parts.observer),
      verification_gate_(parts.verifications_at_once),
      secrets_(std::move(secrets)),
      trees_(std::move(trees)),
      vault_(store_, secrets_),
      sequencer_({parts.store, parts.confirm, *trees_, secrets_, parts.clock, boot_id},
                 std::move(state)) {}

Time Core::now() const { return std::max(clock_.now(), view()->state.time); }

Result<ledger::Receipt> Core::receipt(ledger::TransactionId id) const {
  const auto at = view();
  if (id.seqno == 0 || id.seqno > at->head.root.roots.size) {
    return not_found("receipt of " + ledger::to_text(id) + ": no such entry");
  }
  const std::uint64_t index = id.seqno - 1;
  VITRINE_TRY(const storage::Record record, store_.read_one(index));
  VITRINE_TRY(const ledger::Leaf leaf, ledger::decode_leaf(record.leaf));
  if (leaf.id != id) return not_found("receipt of " + ledger::to_text(id) + ": no such entry");

  const ledger::SignedRoot& root = at->head.root;
  VITRINE_TRY(const auto path,
              trees_->inclusion_path(ledger::TreeKind::ccf, index, root.roots.size));
  // Tiles and leaf come from a disk that nobody trusts: what does not lead to the signed root never
  // leaves.
  if (const Status checked =
          ledger::verify_inclusion(ledger::TreeKind::ccf, ledger::ccf_leaf_hash(record.leaf, leaf),
                                   index, root.roots.size, path, root.roots.ccf);
      !checked) {
    return internal("receipt of " + ledger::to_text(id) +
                        ": the stored entry or tiles are not those of the signed head",
                    "the store is damaged; check " + store_.describe());
  }
  // The evidence text is under the secret in force when the entry was made; its digest in the leaf
  // tells which.
  for (auto version = secrets_.ledger.all().rbegin(); version != secrets_.ledger.all().rend();
       ++version) {
    std::string evidence =
        ledger::commit_evidence(version->second.reveal(), secrets_.service_id, id);
    if (crypto::sha256(as_bytes(evidence)) == leaf.evidence_digest) {
      return ledger::make_receipt(record.leaf, leaf, std::move(evidence),
                                  ledger::with_sides(index, root.roots.size, path), root);
    }
  }
  return internal("receipt of " + ledger::to_text(id) +
                  ": no ledger secret gives its commit evidence");
}

Result<std::shared_ptr<const std::string>> Core::key_receipt(const KeyRecord& key) const {
  {
    const Lock lock(receipts_mutex_);
    if (const auto found = key_receipts_.find(key.index); found != key_receipts_.end())
      return found->second;
  }
  VITRINE_TRY(const ledger::Receipt made, receipt(key.id));
  auto text = std::make_shared<const std::string>(codec::json::write(made.to_json(/*kms=*/true)));
  const Lock lock(receipts_mutex_);
  if (key_receipts_.size() >= kKeyReceiptsMax)
    key_receipts_.erase(key_receipts_.begin());  // the oldest key's
  return key_receipts_.emplace(key.index, std::move(text)).first->second;
}

}  // namespace vitrine::core
