#include "cli/status_governance.h"

#include <fmt/format.h>

#include <algorithm>

#include "client/governance/people.h"
#include "client/governance/proposal.h"
#include "client/governance/reader.h"

namespace vitrine::cli {
namespace {

using codec::json::Object;
using codec::json::Value;

void add_members(client::CurrentReader& reader, Fields& fields, Object& governance) {
  const auto list = reader.read(client::Source::members);
  if (!list || list->is_null()) return;
  const auto members = client::people_from(*list, client::Role::member);
  const auto active = client::count_active(members);
  const auto recovering = std::count_if(
      members.begin(), members.end(),
      [](const client::Person& member) { return member.recovers && member.status == "Active"; });
  governance["members"] = members.size();
  governance["members_active"] = active;
  governance["recovery_members"] = recovering;
  fields.add("members", fmt::format("{} active of {}; {} hold a recovery share", active,
                                    members.size(), recovering));
}

void add_threshold(client::CurrentReader& reader, Fields& fields, Object& governance) {
  const auto info = reader.read(client::Source::info);
  const Object* object = info ? info->if_object() : nullptr;
  const Object* configuration =
      object == nullptr ? nullptr : codec::json::object_of(*object, "configuration");
  if (configuration == nullptr) return;
  const auto threshold = codec::json::integer_of(*configuration, "recoveryThreshold");
  if (!threshold) return;
  governance["recovery_threshold"] = *threshold;
  fields.add("recovery", *threshold == 0 ? "no shares are dealt: a lost seal loses everything"
                                         : fmt::format("{} shares open the service", *threshold));
}

void add_open_proposals(client::Service& service, Fields& fields, Object& governance) {
  const auto answer = client::GovernanceApi(service).proposals();
  if (!answer) return;
  const auto proposals = client::proposals_from(answer->body);
  if (!proposals) return;
  codec::json::Array open;
  std::string text;
  for (const auto& proposal : *proposals) {
    if (proposal.state != "Open") continue;
    open.push_back(Value(proposal.id));
    text += (text.empty() ? "" : ", ") + client::shortened(proposal.id);
  }
  fields.add("open proposals", open.empty() ? "none" : fmt::format("{}: {}", open.size(), text));
  governance["open_proposals"] = std::move(open);
}

// Ours: {"member","since"} where releases are stopped.
void add_freeze(const Object& network, Fields& fields, Object& governance) {
  const Object* own = codec::json::object_of(network, "vitrine");
  const Value* frozen = own == nullptr ? nullptr : codec::json::find(*own, "frozen");
  if (frozen == nullptr) return;
  governance["frozen"] = *frozen;
  if (frozen->is_null() || *frozen == Value(false)) return;
  std::string by;
  if (const Object* freeze = frozen->if_object()) {
    by = fmt::format(" by {} since {}",
                     client::shortened(codec::json::text_of(*freeze, "member").value_or("?")),
                     client::shown(codec::json::text_of(*freeze, "since").value_or("?")));
  }
  fields.add("FROZEN", "no key is released and no node joins" + by + "; a quorum thaws");
}

}  // namespace

void add_governance_status(client::Service& service, const Object& network, Fields& fields,
                           Object& document) {
  Object governance;
  client::CurrentReader reader(service);
  add_freeze(network, fields, governance);
  add_members(reader, fields, governance);
  if (governance.contains("members")) {
    add_threshold(reader, fields, governance);
    add_open_proposals(service, fields, governance);
  }
  if (!governance.empty()) document["governance"] = std::move(governance);
}

}  // namespace vitrine::cli
