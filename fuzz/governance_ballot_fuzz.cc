// Ballots from members: what is accepted says its vote in one word, true or false, outside
// comments; the script is kept as sent and reads to the same vote again.
#include <algorithm>
#include <cstdint>

#include "base/assert.h"
#include "base/text.h"
#include "codec/json.h"
#include "governance/ballot.h"

using namespace vitrine;

namespace {

// Every comment replaced by a blank, by rules of its own.
std::string without_comments(std::string_view script) {
  std::string rest;
  while (!script.empty()) {
    const bool line = script.starts_with("//");
    if (!line && !script.starts_with("/*")) {
      rest += script.front();
      script.remove_prefix(1);
      continue;
    }
    const std::size_t end = line ? script.find_first_of("\r\n") : script.find("*/", 2);
    script.remove_prefix(std::min(script.size(), end == script.npos ? end : end + (line ? 0 : 2)));
    rest += ' ';
  }
  return rest;
}

std::size_t occurrences(std::string_view text, std::string_view word) {
  std::size_t count = 0;
  for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++count;
  return count;
}

void check(std::string_view script) {
  const auto vote = governance::read_constant_vote(script);
  if (!vote) {
    VITRINE_ASSERT(vote.error().code == Code::malformed);
    return;
  }
  const std::string code = without_comments(script);
  VITRINE_ASSERT(code.size() <= script.size());
  VITRINE_ASSERT(occurrences(code, *vote ? "true" : "false") >= 1);
  VITRINE_ASSERT(occurrences(code, "vote") >= 1);
  VITRINE_ASSERT(code.find_first_of("\"'`+-*/%&|!?:.[]<#@\\^~") == code.npos);
  VITRINE_ASSERT(governance::read_constant_vote(code).value() == *vote);
  VITRINE_ASSERT(!governance::read_constant_vote(code + " vote"));
  VITRINE_ASSERT(!governance::read_constant_vote("0;" + code));
  codec::json::Object payload;
  payload["ballot"] = script;
  const auto ballot = governance::read_ballot(codec::json::write(payload));
  if (is_utf8(script))
    VITRINE_ASSERT(ballot && ballot->in_favour == *vote && ballot->script == script);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(ByteView(data, size));
  check(text);
  if (const auto ballot = governance::read_ballot(text)) {
    VITRINE_ASSERT(governance::read_constant_vote(ballot->script).value() == ballot->in_favour);
  }
  return 0;
}
