// Who tells what an action changes: a table of actions per group. Internal to client/governance.
#pragma once

#include <span>
#include <string_view>

#include "client/governance/changes.h"

namespace vitrine::client {

using Teller = Lines (*)(const codec::json::Object& args, const Current& current);
struct TellerRow {
  std::string_view action;
  Teller tell;
};

std::span<const TellerRow> policy_tellers();   // who gets a key: release, tokens, issuers, joining
std::span<const TellerRow> people_tellers();   // members, users, recovery
std::span<const TellerRow> service_tellers();  // the service itself, its secrets, its rules

// The document, or null and a line that says that it could not be read.
codec::json::Value read(const Current& current, Source source, Lines& lines);

}  // namespace vitrine::client
