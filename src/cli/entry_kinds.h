// The words for entries by kind, and what they share (entry_text.h is what others call).
#pragma once

#include "cli/entry_text.h"

namespace vitrine::cli {

std::string short_id(std::string_view id);
std::string counted(std::size_t count, std::string_view thing);
// Of a member, or of a user who proposes.
std::string name_of_user(const governance::State& governance, const std::string& id);
// The names of a proposal's actions, each with its arguments.
void add_actions(ByteView document, EntryText& text);

// Kinds 10 to 16: requests, and what became of proposals.
EntryText governance_text(const client::audit::Read& entry, const client::audit::Before& before,
                          const client::audit::Standing& after);
// Kinds 17 to 24: secrets, certificates, recovery.
EntryText custody_text(const client::audit::Read& entry, const client::audit::Standing& after);

}  // namespace vitrine::cli
