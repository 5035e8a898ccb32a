// A proposal as the service shows it (ccf.md 3), and the ballots we send. Pure.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "codec/json.h"

namespace vitrine::client {

struct Proposal {
  std::string id;
  std::string proposer;
  std::string state;  // Open, Accepted, Withdrawn, Rejected, Failed, Dropped
  std::int64_t ballots = 0;
  std::map<std::string, bool> final_votes;  // by member id, once it is no longer open
  std::string failure;
  codec::json::Object document;  // as served
};
// internal: it is no proposal.
Result<Proposal> proposal_from(const codec::json::Value& value);
Result<std::vector<Proposal>> proposals_from(const codec::json::Value& list);

// The one whose id begins with `prefix`. not_found; conflict: several do.
Result<Proposal> pick(const std::vector<Proposal>& proposals, std::string_view prefix);

// {"ballot": "export function vote …"}: a constant vote in the form that every service of this
// contract takes.
std::string ballot(bool in_favour);

}  // namespace vitrine::client
