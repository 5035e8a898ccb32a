// What the commands of members read before they sign: the service, its members, a proposal and what
// it would change.
#pragma once

#include <string>
#include <vector>

#include "cli/commands.h"
#include "client/governance/changes.h"
#include "client/governance/people.h"
#include "client/governance/proposal.h"
#include "client/governance/reader.h"

namespace vitrine::cli {

struct ServiceName {
  std::string genesis_hash;  // hex; empty where another implementation does not say it
  bool dev = false;
};
Result<ServiceName> service_name(client::Service& service);

// The members; empty where the service has no governance API.
Result<std::vector<client::Person>> members_of(client::CurrentReader& reader);

struct ProposalView {
  client::Proposal proposal;
  codec::json::Object document;
  std::vector<client::ActionChanges> changes;
};
// By its id, or the first digits of it.
Result<ProposalView> view_of(client::Service& service, client::CurrentReader& reader,
                             const std::string& id);

// Who proposed what, in which state, and what it would change.
std::string to_text(const ProposalView& view, const std::vector<client::Person>& members);
codec::json::Object to_json(const ProposalView& view);
// The answer to a proposal, ballot or withdrawal.
std::string outcome(const client::Proposal& proposal, const std::vector<client::Person>& members);

}  // namespace vitrine::cli
