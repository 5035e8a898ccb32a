#include "cli/entry_text.h"

#include <fmt/format.h>

#include "base/hex.h"
#include "base/text.h"
#include "cli/entry_kinds.h"
#include "crypto/cose.h"
#include "governance/actions.h"
#include "governance/signed_request.h"

namespace vitrine::cli {
namespace {

using client::audit::Before;
using client::audit::Read;
using client::audit::Standing;
using codec::json::Object;

constexpr std::size_t kShownBytesMax = 120;
constexpr std::size_t kIdShown = 8;

std::string name_of_person(const codec::json::Value& data, const crypto::Certificate& certificate) {
  if (const auto* object = data.if_object()) {
    if (const auto name = codec::json::text_of(*object, "name")) return shown(*name);
  }
  return shown(certificate.subject_common_name());
}

EntryText service_created(const Read& entry) {
  EntryText text;
  const auto created = ledger::decode_service_created(entry.leaf.public_part);
  if (!created) return text;
  text.what = fmt::format("service created by {}: log {}{}", shown(created->software),
                          shown(created->log_origin),
                          created->dev ? "\ndevelopment mode: nothing here is secret" : "");
  text.members["service_id"] = to_hex(created->service);
  text.members["log_origin"] = created->log_origin;
  text.members["dev"] = created->dev;
  return text;
}

EntryText governance_set(const Standing& after) {
  EntryText text;
  const governance::State& state = *after.governance;
  text.what = fmt::format("governance begins: {}, {}, {}", counted(state.members.size(), "member"),
                          counted(state.users.size(), "user"),
                          counted(state.issuers.size(), "token issuer"));
  codec::json::Array members;
  for (const auto& [id, member] : state.members) {
    text.what += "\nmember " + name_of_member(state, id);
    members.emplace_back(boost::json::string(id));
  }
  text.what += state.release_policy ? "\na release policy is set" : "\nno release policy is set";
  text.members["members"] = std::move(members);
  return text;
}

EntryText node_started(const Read& entry, const Standing& after) {
  EntryText text;
  text.what = fmt::format("node {} started, view {}", short_id(after.node->id), entry.leaf.id.view);
  text.members["node_id"] = after.node->id;
  return text;
}

EntryText key_created(const Read& entry) {
  EntryText text;
  const auto created = ledger::decode_key_created(entry.leaf.public_part);
  if (!created) return text;
  text.what = fmt::format("key {} made, id {}", shown(created->kid), created->id);
  text.members["kid"] = created->kid;
  text.members["id"] = created->id;
  return text;
}

EntryText key_released(const Read& entry) {
  EntryText text;
  const auto released = ledger::decode_key_released(entry.leaf.public_part);
  if (!released) return text;
  text.what = fmt::format("key {} released ({}, {})", shown(released->kid), shown(released->format),
                          shown(released->profile));
  text.members["kid"] = released->kid;
  text.members["profile"] = released->profile;
  text.members["freshness"] = released->freshness;
  text.members["format"] = released->format;
  text.members["wrapping_key_sha256"] = to_hex(released->wrapping_key);
  Object claims;
  for (const auto& [name, value] : released->claims) claims[name] = attestation::to_text(value);
  text.members["claims"] = std::move(claims);
  return text;
}

EntryText proposal_accepted(const Read& entry, const Before& before) {
  EntryText text;
  const auto accepted = ledger::decode_proposal_accepted(entry.leaf.public_part);
  if (!accepted) return text;
  text.what = fmt::format("{} proposed, accepted at once without a vote",
                          name_of_user(*before.governance, accepted->proposer_id));
  text.members["proposer"] = accepted->proposer_id;
  const auto* inlined = std::get_if<Bytes>(&accepted->envelope);
  const auto envelope = governance::verify_signed_request(
      *before.governance, inlined == nullptr ? entry.blob : ByteView(*inlined),
      governance::MessageType::proposal, governance::Signers::proposers);
  if (envelope) add_actions(envelope->message.payload, text);
  return text;
}

EntryText snapshot_taken(const Read& entry) {
  EntryText text;
  const auto taken = ledger::decode_snapshot_taken(entry.leaf.public_part);
  if (!taken) return text;
  text.what =
      fmt::format("a snapshot of the state after {} was kept", counted(taken->size, "entry"));
  text.members["size"] = taken->size;
  return text;
}

}  // namespace

std::string short_id(std::string_view id) { return shown(id.substr(0, kIdShown)) + "…"; }

std::string counted(std::size_t count, std::string_view thing) {
  if (count == 1) return fmt::format("1 {}", thing);
  if (thing.ends_with('y'))
    return fmt::format("{} {}ies", count, thing.substr(0, thing.size() - 1));
  return fmt::format("{} {}s", count, thing);
}

std::string name_of_user(const governance::State& state, const std::string& id) {
  const auto user = state.users.find(id);
  if (user == state.users.end()) return name_of_member(state, id);
  const std::string name = name_of_person(user->second.data, user->second.certificate);
  return name.empty() ? short_id(id) : fmt::format("{} ({})", name, short_id(id));
}

void add_actions(ByteView document, EntryText& text) {
  const auto proposal = codec::json::parse_object(as_text(document));
  if (!proposal) return;
  const auto* actions = codec::json::array_of(*proposal, "actions");
  if (actions == nullptr) return;
  for (const auto& action : *actions) {
    const auto* object = action.if_object();
    if (object == nullptr) continue;
    const auto name = codec::json::text_of(*object, "name").value_or("?");
    const auto* args = codec::json::find(*object, "args");
    text.what += fmt::format("\n{} {}", shown(name),
                             args == nullptr ? "" : shown(codec::json::write(*args)));
  }
  text.members["actions"] = *actions;
}

std::string shown(std::string_view text) {
  if (text.size() <= kShownBytesMax) return printable_ascii(text, kShownBytesMax);
  return printable_ascii(text, kShownBytesMax) + "…";
}

std::string name_of_member(const governance::State& state, const std::string& id) {
  const auto member = state.members.find(id);
  if (member == state.members.end()) return short_id(id);
  const std::string name = name_of_person(member->second.data, member->second.certificate);
  return name.empty() ? short_id(id) : fmt::format("{} ({})", name, short_id(id));
}

EntryText text_of(const Read& entry, const Before& before, const Standing& after) {
  switch (entry.leaf.kind) {
    case ledger::Kind::service_created:
      return service_created(entry);
    case ledger::Kind::governance_set:
      return governance_set(after);
    case ledger::Kind::node_started:
      return node_started(entry, after);
    case ledger::Kind::proposal_accepted:
      return proposal_accepted(entry, before);
    case ledger::Kind::key_created:
      return key_created(entry);
    case ledger::Kind::key_released:
      return key_released(entry);
    case ledger::Kind::snapshot_taken:
      return snapshot_taken(entry);
    case ledger::Kind::proposal_submitted:
    case ledger::Kind::ballot_cast:
    case ledger::Kind::proposal_withdrawn:
    case ledger::Kind::state_digest_updated:
    case ledger::Kind::member_acked:
    case ledger::Kind::proposal_applied:
    case ledger::Kind::issuer_keys_refreshed:
      return governance_text(entry, before, after);
    default:
      return custody_text(entry, after);
  }
}

}  // namespace vitrine::cli
