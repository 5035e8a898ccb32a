// What an entry says, in words: who did what. Text from certificates and proposals is made
// printable.
#pragma once

#include <string>
#include <string_view>

#include "client/audit/auditor.h"
#include "codec/json.h"

namespace vitrine::cli {

struct EntryText {
  std::string what;             // for people; may have several lines
  codec::json::Object members;  // for programs
};
EntryText text_of(const client::audit::Read& entry, const client::audit::Before& before,
                  const client::audit::Standing& after);

// Printable, of a length that fits a line.
std::string shown(std::string_view text);
// "member0 (3f9c41d2…)": the name in member_data or the certificate, and the id.
std::string name_of_member(const governance::State& governance, const std::string& id);

}  // namespace vitrine::cli
