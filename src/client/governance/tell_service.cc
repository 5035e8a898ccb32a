#include "client/governance/tellers.h"

namespace vitrine::client {
namespace {

using codec::json::Object;
using codec::json::Value;

Lines tell_constitution(const Object& args, const Current& current) {
  Lines lines;
  const auto before = read(current, Source::constitution, lines);
  const Value* after = codec::json::find(args, "constitution");
  // A table may come as text or as an object.
  Value table = after == nullptr ? Value() : *after;
  if (table.is_string()) {
    const auto parsed = codec::json::parse(codec::json::text_view(table.get_string()));
    if (parsed) table = *parsed;
  }
  const auto changes = difference("", before, table);
  lines.insert(lines.end(), changes.begin(), changes.end());
  lines.push_back({'!', "who decides changes; all other open proposals are dropped"});
  return lines;
}

Lines tell_sentence(char sign, std::string_view sentence, const Object& args) {
  Lines lines = {{sign, std::string(sentence)}};
  const auto more = difference("", Object(), args);
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

Lines tell_freeze(const Object& args, const Current&) {
  return tell_sentence('!',
                       "no key is released and no node joins until a thaw; one member is "
                       "enough, at once",
                       args);
}
Lines tell_thaw(const Object& args, const Current&) {
  return tell_sentence('+', "keys are released and nodes join again", args);
}
Lines tell_open(const Object& args, const Current&) {
  return tell_sentence('+', "the service serves its clients", args);
}
Lines tell_rekey(const Object& args, const Current&) {
  return tell_sentence('~', "a new ledger secret from then on; shares are dealt anew", args);
}
Lines tell_refresh(const Object& args, const Current&) {
  return tell_sentence('~', "recovery shares are dealt anew", args);
}
Lines tell_service_key(const Object& args, const Current&) {
  return tell_sentence('!',
                       "a new service key and certificate, endorsed by the old: clients pin "
                       "the new one",
                       args);
}
Lines tell_log_key(const Object& args, const Current&) {
  return tell_sentence('~', "a new key signs the heads of the log, endorsed by the old", args);
}

constexpr TellerRow kRows[] = {
    {"set_constitution", tell_constitution},
    {"freeze", tell_freeze},
    {"thaw", tell_thaw},
    {"transition_service_to_open", tell_open},
    {"trigger_ledger_rekey", tell_rekey},
    {"trigger_recovery_shares_refresh", tell_refresh},
    {"rotate_service_key", tell_service_key},
    {"rotate_log_key", tell_log_key},
};

}  // namespace

std::span<const TellerRow> service_tellers() { return kRows; }

}  // namespace vitrine::client
