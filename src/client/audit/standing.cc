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
  return {};
}

// A rekey closes what comes after it to whoever has an older secret. A deal of shares is under a
// key of its own, version 0.
Status check_secret(const Standing& after, const ledger::Leaf& leaf) {
  if (!leaf.sealed) return {};
  const bool deal = leaf.kind == ledger::Kind::shares_dealt;
  if (leaf.sealed->secret_version == (deal ? 0 : after.secret_version)) return {};
  return broken(fmt::format("its sealed part is under ledger secret {}, which is not in force",
                            leaf.sealed->secret_version));
}

Status check_order(const Standing& standing, ledger::Kind kind) {
  const auto expect = [kind](ledger::Kind first) -> Status {
    if (kind == first) return {};
    return broken(fmt::format("it is {} where {} has to stand", name_of(kind), name_of(first)));
  };
  if (standing.service == nullptr) return expect(ledger::Kind::service_created);
  if (ledger::protocol_version_of(kind) > standing.protocol_version) {
    return broken(fmt::format("protocol version {} has no entries of kind {}",
                              standing.protocol_version, name_of(kind)));
  }
  if (standing.governance == nullptr) return expect(ledger::Kind::governance_set);
  if (standing.node == nullptr && standing.size > 2) return expect(ledger::Kind::node_started);
  return {};
}

Status apply_kind(Standing& standing, const Read& entry) {
  if (governance::is_governance_entry(entry.leaf.kind))
    return apply_governance_entry(standing, entry);
  if (governance::is_custody_entry(entry.leaf.kind)) return apply_custody_entry(standing, entry);
  switch (entry.leaf.kind) {
    case ledger::Kind::key_created:
    case ledger::Kind::key_released:
    case ledger::Kind::snapshot_taken:
      return apply_key_entry(standing, entry);
    default:
      return apply_service_entry(standing, entry);
  }
}

// Says which kind of entry it is about, if it does not say so itself.
Status in_kind(ledger::Kind kind, Status applied) {
  if (applied) return applied;
  Error error = std::move(applied).error();
  const std::string name(ledger::name_of(kind));
  if (!error.message.starts_with(name)) error.message = name + ": " + error.message;
  return tl::unexpected<Error>(std::move(error));
}

}  // namespace

Status apply(Standing& standing, const Read& entry) {
  VITRINE_CHECK(check_place(standing, entry.leaf));
  VITRINE_CHECK(check_order(standing, entry.leaf.kind));
  VITRINE_CHECK(in_kind(entry.leaf.kind, apply_kind(standing, entry)));
  VITRINE_CHECK(check_secret(standing, entry.leaf));
  if (standing.governance_ref != entry.leaf.governance)
    return broken("its governance reference is not that of the state after it");
  standing.size = entry.leaf.id.seqno;
  standing.view = entry.leaf.id.view;
  standing.time = entry.leaf.time;
  return {};
}

Result<std::optional<ledger::BlobRef>> blob_named_by(const ledger::Leaf& leaf) {
  const auto in_envelope = [](const ledger::Envelope& envelope) {
    const auto* named = std::get_if<ledger::BlobRef>(&envelope);
    return named == nullptr ? std::optional<ledger::BlobRef>() : std::optional(*named);
  };
  switch (leaf.kind) {
    case ledger::Kind::governance_set: {
      VITRINE_TRY(const auto entry, ledger::decode_governance_set(leaf.public_part));
      return std::optional(entry.state);
    }
    case ledger::Kind::proposal_accepted: {
      VITRINE_TRY(const auto entry, ledger::decode_proposal_accepted(leaf.public_part));
      return in_envelope(entry.envelope);
    }
    case ledger::Kind::proposal_submitted:
    case ledger::Kind::ballot_cast:
    case ledger::Kind::proposal_withdrawn:
    case ledger::Kind::state_digest_updated:
    case ledger::Kind::member_acked: {
      VITRINE_TRY(const auto entry, ledger::decode_governance_request(leaf.kind, leaf.public_part));
      return in_envelope(entry.envelope);
    }
    case ledger::Kind::issuer_keys_refreshed: {
      VITRINE_TRY(const auto entry, ledger::decode_issuer_keys_refreshed(leaf.public_part));
      return std::optional(entry.jwks);
    }
    case ledger::Kind::service_recovered: {
      VITRINE_TRY(const auto entry, ledger::decode_service_recovered(leaf.public_part));
      return std::optional(entry.statements);
    }
    default:
      return std::optional<ledger::BlobRef>();
  }
}

}  // namespace vitrine::client::audit
