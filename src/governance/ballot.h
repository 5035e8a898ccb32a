// Ballots: {"ballot": "export function vote (…) { return true }"} or {"vote": true}, and nothing
// that would need an interpreter (ccf.md 3, 16.7; docs/governance.md). Pure.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vitrine::governance {

struct Ballot {
  bool in_favour = false;
  std::string script;  // as sent; of the {"vote"} form, the script that says the same
};

inline constexpr std::size_t kBallotScriptBytesMax = 16'384;

// The payload of a signed ballot. malformed: what is wrong, and which ballots are accepted.
Result<Ballot> read_ballot(std::string_view payload);
// What a script votes that exports a function `vote` which only returns true or false. malformed:
// where it is anything else.
Result<bool> read_constant_vote(std::string_view script);
// The script of CCF's templates for a constant vote.
std::string constant_vote(bool in_favour);

}  // namespace vitrine::governance
