// Ballots: {"ballot": "export function vote (…) { return true }"} or {"vote": true}, and nothing
// that would need an interpreter (ccf.md 3, 16.7). Pure.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace vitrine::governance {

struct Ballot {
  bool in_favour = false;
  std::string script;  // as sent; of the {"vote"} form, the script that says the same
};

// The payload of a signed ballot. malformed: says which ballots are accepted.
Result<Ballot> read_ballot(std::string_view payload);
// The script of CCF's templates for a constant vote.
std::string constant_vote(bool in_favour);

}  // namespace vitrine::governance
