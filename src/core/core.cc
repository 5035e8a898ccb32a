#include "core/core.h"

#include <algorithm>

#include "ledger/receipt.h"
#include "ledger/seal.h"

namespace vitrine::core {
namespace {

constexpr std::size_t kKeyReceiptsMax = 4096;

}  // namespace

Core::Core(const Parts& parts, std::unique_ptr<TilesOfStore> tiles, ServiceSecrets secrets,
           Begin begin)
    : store_(parts.store),
      files_(parts.files),
      clock_(parts.clock),
      random_(parts.random),
      observer_(parts.observer),
      verification_gate_(parts.verifications_at_once),
      tiles_(std::move(tiles)),
      secrets_(std::move(secrets)),
      seal_(std::move(begin.seal)),
      certificate_(std::move(begin.certificate)),
      folded_from_(begin.folded_from),
      first_entries_(std::move(begin.first_entries)),
      after_first_entries_(std::move(begin.after_first_entries)),
      vault_(store_, secrets_),
      quotes_(parts.attest),
      alternatives_(std::move(begin.alternatives)),
      last_head_(files_, secrets_),
      sequencer_({parts.store, parts.confirm, last_head_, secrets_, parts.clock, parts.observer,
                  begin.boot_id},
                 std::move(begin.state), std::move(begin.trees), std::move(begin.view)) {}

Time Core::now() const { return std::max(clock_.now(), view()->state.time); }

Status Core::check_confirmed() const {
  if (confirmed_) return {};
  return unavailable(
      "this node is unconfirmed: it does not know yet that its store is the newest, and answers "
      "reads alone",
      "try again in a moment, or ask another node");
}

Status Core::take_up(RollbackGuard& guard) {
  if (confirmed_) return {};
  // At genesis there is nothing yet that could be rolled back.
  if (const auto newest = view(); newest != nullptr) {
    if (const Status holds = guard.check(newest->head.root.roots); !holds)
      return in_context("rollback guard \"" + std::string(guard.kind()) + "\"", holds.error());
  }
  if (!first_entries_.empty()) VITRINE_CHECK(sequencer_.append_all(first_entries_));
  first_entries_.clear();
  if (after_first_entries_) VITRINE_CHECK(after_first_entries_(*this));
  confirmed_ = true;
  return {};
}

Status Core::reseal(const ServiceSecrets& secrets) const {
  VITRINE_TRY(const Bytes sealed, seal_secrets(secrets, seal_, random_));
  return files_.put_secrets(sealed);
}

Result<Appended> Core::append(Decide decide) {
  VITRINE_CHECK(check_confirmed());
  return sequencer_.append(std::move(decide));
}

Result<Appended> Core::append_all(std::vector<Decide> decides) {
  VITRINE_CHECK(check_confirmed());
  return sequencer_.append_all(std::move(decides));
}

crypto::SubjectAlternatives Core::alternatives() const {
  const Lock lock(alternatives_mutex_);
  return alternatives_;
}

void Core::set_alternatives(crypto::SubjectAlternatives alternatives) {
  const Lock lock(alternatives_mutex_);
  alternatives_ = std::move(alternatives);
}

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
  VITRINE_TRY(const auto path, at->trees->ccf.inclusion_path(index, root.roots.size));
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
  const auto secrets = secrets_.now();
  const auto& versions = secrets->ledger.all();
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    std::string evidence =
        ledger::commit_evidence(version->second.reveal(), secrets->service_id, id);
    if (crypto::sha256(as_bytes(evidence)) == leaf.evidence_digest) {
      return ledger::make_receipt(record.leaf, leaf, std::move(evidence),
                                  ledger::with_sides(index, root.roots.size, path), root);
    }
  }
  return internal("receipt of " + ledger::to_text(id) +
                  ": no ledger secret gives its commit evidence");
}

Result<std::shared_ptr<const std::string>> Core::key_receipt(const KeyRecord& key) const {
  const Digest service = view()->state.service->certificate.der_sha256();
  {
    const Lock lock(receipts_mutex_);
    // Those made before lead to a certificate that clients may have let go.
    if (receipts_of_ != service) key_receipts_.clear();
    receipts_of_ = service;
    if (const auto found = key_receipts_.find(key.index); found != key_receipts_.end())
      return found->second;
  }
  VITRINE_TRY(const ledger::Receipt made, receipt(key.id));
  auto text = std::make_shared<const std::string>(codec::json::write(made.to_json(/*kms=*/true)));
  const Lock lock(receipts_mutex_);
  if (receipts_of_ != service) return text;
  if (key_receipts_.size() >= kKeyReceiptsMax)
    key_receipts_.erase(key_receipts_.begin());  // the oldest key's
  return key_receipts_.emplace(key.index, std::move(text)).first->second;
}

}  // namespace vitrine::core
