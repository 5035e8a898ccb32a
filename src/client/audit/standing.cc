#include "client/audit/standing.h"

#include <fmt/format.h>

namespace vitrine::client::audit {
namespace {

constexpr std::uint64_t kFirstView = 2;  // decisions.md, Ledger bytes

std::uint64_t view_of_next(const Standing& standing, ledger::Kind kind) {
  if (standing.size == 0) return kFirstView;
  const bool restarted = kind == ledger::Kind::node_started && standing.node != nullptr;
  return standing.view + (restarted ? 1 : 0);
}

Status check_place(const Standing& standing, const ledger::Leaf& leaf) {
  if (leaf.id.seqno != standing.size + 1)
    return broken(fmt::format("its sequence number is {}", leaf.id.seqno));
  const std::uint64_t view = view_of_next(standing, leaf.kind);
  if (leaf.id.view != view)
    return broken(fmt::format("its view is {}, not {}", leaf.id.view, view));
  if (leaf.time < standing.time) return broken("its time is before that of the entry before it");
  if (leaf.sealed && leaf.sealed->secret_version > standing.secret_version) {
    return broken(fmt::format("its sealed part is under ledger secret {}, which is not in force",
                              leaf.sealed->secret_version));
  }
  return {};
}

Status check_order(const Standing& standing, ledger::Kind kind) {
  const auto expect = [kind](ledger::Kind first) -> Status {
    if (kind == first) return {};
    return broken(fmt::format("it is {} where {} has to stand", name_of(kind), name_of(first)));
  };
  if (standing.service == nullptr) return expect(ledger::Kind::service_created);
  if (standing.governance == nullptr) return expect(ledger::Kind::governance_set);
  if (standing.node == nullptr && standing.size > 2) return expect(ledger::Kind::node_started);
  return {};
}

Status apply_kind(Standing& standing, const Read& entry) {
  switch (entry.leaf.kind) {
    case ledger::Kind::governance_set:
    case ledger::Kind::proposal_accepted:
      return apply_governance_entry(standing, entry);
    case ledger::Kind::key_created:
    case ledger::Kind::key_released:
    case ledger::Kind::snapshot_taken:
      return apply_key_entry(standing, entry);
    default:
      return apply_service_entry(standing, entry);
  }
}

}  // namespace

Status apply(Standing& standing, const Read& entry) {
  VITRINE_CHECK(check_place(standing, entry.leaf));
  VITRINE_CHECK(check_order(standing, entry.leaf.kind));
  VITRINE_CHECK(apply_kind(standing, entry));
  if (standing.governance_ref != entry.leaf.governance)
    return broken("its governance reference is not that of the state after it");
  standing.size = entry.leaf.id.seqno;
  standing.view = entry.leaf.id.view;
  standing.time = entry.leaf.time;
  return {};
}

Result<std::optional<ledger::BlobRef>> blob_named_by(const ledger::Leaf& leaf) {
  if (leaf.kind == ledger::Kind::governance_set) {
    VITRINE_TRY(const auto entry, ledger::decode_governance_set(leaf.public_part));
    return std::optional(entry.state);
  }
  if (leaf.kind == ledger::Kind::proposal_accepted) {
    VITRINE_TRY(const auto entry, ledger::decode_proposal_accepted(leaf.public_part));
    if (const auto* named = std::get_if<ledger::BlobRef>(&entry.envelope))
      return std::optional(*named);
  }
  return std::optional<ledger::BlobRef>();
}

}  // namespace vitrine::client::audit
