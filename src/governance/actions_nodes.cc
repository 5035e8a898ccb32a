// Nodes and the certificates of nodes and of the service (ccf.md 5).
#include <algorithm>
#include <array>

#include "governance/action_args.h"
#include "governance/action_table.h"

namespace vitrine::governance {
namespace {

using codec::json::Object;

constexpr std::size_t kIdDigits = 64;
constexpr std::string_view kPending = "Pending", kTrusted = "Trusted", kRetired = "Retired";

void demand_renewal(Change& change, DutyKind kind, const Validity& validity) {
  Duty duty;
  duty.kind = kind;
  duty.cause = change.at.id.seqno;
  duty.valid_from = validity.valid_from;
  duty.days = validity.days;
  change.proceedings.demand(duty);
}

Result<NodeRecord*> node_arg(Change& change, const Object& args) {
  VITRINE_TRY(const auto id, hex_arg(args, "node_id", kIdDigits));
  const auto found = change.proceedings.nodes.find(id);
  if (found == change.proceedings.nodes.end()) return malformed("node_id: no node " + id);
  return &found->second;
}

Status transition_node_to_trusted(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"node_id", "valid_from", "validity_period_days"}));
  VITRINE_TRY(auto* node, node_arg(change, args));
  if (auto validity = validity_args(args, change.state.settings, change.at.time); !validity) {
    return tl::unexpected<Error>(validity.error());
  }
  if (node->status == kRetired) return conflict("node_id: the node is retired for good");
  if (node->status != kPending) return {};
  if (change.state.frozen) return conflict("the service is frozen: no node joins", "thaw it first");
  node->status = kTrusted;
  return {};
}

Status remove_node(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"node_id"}));
  VITRINE_TRY(const auto id, hex_arg(args, "node_id", kIdDigits));
  auto& nodes = change.proceedings.nodes;
  const auto found = nodes.find(id);
  if (found == nodes.end()) return {};
  if (found->second.status == kPending) {
    nodes.erase(found);
    return {};
  }
  const auto trusted = std::count_if(
      nodes.begin(), nodes.end(), [](const auto& each) { return each.second.status == kTrusted; });
  if (found->second.status == kTrusted && trusted == 1) {
    return conflict("node_id: it is the last trusted node: nothing would serve any more");
  }
  found->second.status = kRetired;
  return {};
}

Status set_service_certificate_validity(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"valid_from", "validity_period_days"}));
  VITRINE_TRY(const auto validity, validity_args(args, change.state.settings, change.at.time));
  demand_renewal(change, DutyKind::renew_service_cert, validity);
  return {};
}

Status set_node_certificate_validity(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"node_id", "valid_from", "validity_period_days"}));
  VITRINE_TRY(const auto* node, node_arg(change, args));
  if (node->status != kTrusted) return conflict("node_id: the node is not trusted");
  VITRINE_TRY(const auto validity, validity_args(args, change.state.settings, change.at.time));
  demand_renewal(change, DutyKind::renew_node_cert, validity);
  return {};
}

Status set_all_nodes_certificate_validity(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"valid_from", "validity_period_days"}));
  VITRINE_TRY(const auto validity, validity_args(args, change.state.settings, change.at.time));
  demand_renewal(change, DutyKind::renew_node_cert, validity);
  return {};
}

constexpr std::array kRows = std::to_array<ActionRow>({
    {"transition_node_to_trusted", transition_node_to_trusted},
    {"remove_node", remove_node},
    {"set_service_certificate_validity", set_service_certificate_validity},
    {"set_node_certificate_validity", set_node_certificate_validity},
    {"set_all_nodes_certificate_validity", set_all_nodes_certificate_validity},
});

}  // namespace

std::span<const ActionRow> node_actions() { return kRows; }

}  // namespace vitrine::governance
