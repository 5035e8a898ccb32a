// What a proposal would change, told against the state that the service shows, for people who are
// about to propose or to vote. It is a help to read: what counts is the document itself. Pure but
// for what `Current` reads.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "client/governance/difference.h"
#include "codec/json.h"

namespace vitrine::client {

// What is in force: a public document of the service.
enum class Source {
  release_policy,
  jwt_validation_policy,
  rotation_policy,
  settings_policy,
  info,
  members,
  users,
  nodes,
  join_policy,
  jwk,
  constitution,
};
// The document; null where nothing is set. An error where it can't be read: the change is told
// without what it replaces.
using Current = std::function<Result<codec::json::Value>(Source)>;

struct ActionChanges {
  std::string action;
  Lines lines;
};

// One for each action of the document. malformed: it is no proposal.
Result<std::vector<ActionChanges>> changes_of(const codec::json::Object& document,
                                              const Current& current);

// As text for a terminal: "set_member" and below it its lines, indented; and as JSON.
std::string to_text(const std::vector<ActionChanges>& changes);
codec::json::Array to_json(const std::vector<ActionChanges>& changes);

}  // namespace vitrine::client
