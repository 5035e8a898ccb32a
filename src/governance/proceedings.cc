#include "governance/proceedings.h"

#include <algorithm>

namespace vitrine::governance {

std::string_view name_of(ProposalState state) {
  switch (state) {
    case ProposalState::open:
      return "Open";
    case ProposalState::accepted:
      return "Accepted";
    case ProposalState::withdrawn:
      return "Withdrawn";
    case ProposalState::rejected:
      return "Rejected";
    case ProposalState::failed:
      return "Failed";
    case ProposalState::dropped:
      return "Dropped";
  }
  return "";
}

std::string_view name_of(DutyKind kind) {
  switch (kind) {
    case DutyKind::rekey:
      return "rekey";
    case DutyKind::deal_shares:
      return "deal shares";
    case DutyKind::renew_service_cert:
      return "renew the service certificate";
    case DutyKind::renew_node_cert:
      return "renew the node certificate";
    case DutyKind::rotate_service_key:
      return "rotate the service key";
    case DutyKind::rotate_log_key:
      return "rotate the log key";
    case DutyKind::make_key:
      return "make a new key";
  }
  return "";
}

const Proposal* Proceedings::find(std::string_view proposal_id) const {
  const auto found = proposals.find(proposal_id);
  return found == proposals.end() ? nullptr : found->second.get();
}

void Proceedings::demand(Duty duty) {
  const auto same_kind = std::find_if(duties.begin(), duties.end(),
                                      [&](const Duty& due) { return due.kind == duty.kind; });
  if (same_kind != duties.end()) {
    *same_kind = duty;
  } else {
    duties.push_back(duty);
  }
}

const Duty* Proceedings::due(DutyKind kind) const {
  const auto found = std::find_if(duties.begin(), duties.end(),
                                  [&](const Duty& duty) { return duty.kind == kind; });
  return found == duties.end() ? nullptr : &*found;
}

bool Proceedings::discharge(DutyKind kind) {
  return std::erase_if(duties, [&](const Duty& duty) { return duty.kind == kind; }) > 0;
}

}  // namespace vitrine::governance
