#include <fmt/format.h>

#include "base/hex.h"
#include "base/limits.h"
#include "client/governance/people.h"
#include "client/governance/tellers.h"
#include "crypto/x509.h"

namespace vitrine::client {
namespace {

using codec::json::Object;
using codec::json::Value;

Value member_or_null(const Object& args, std::string_view name) {
  const Value* found = codec::json::find(args, name);
  return found == nullptr ? Value() : *found;
}

std::string id_argument(const Object& args, std::string_view name) {
  return std::string(codec::json::text_of(args, name).value_or(""));
}

// Who the certificate in `cert` is, or a line that says it is none.
std::optional<Person> newcomer(const Object& args, Lines& lines) {
  const auto pem = codec::json::text_of(args, "cert");
  if (!pem) {
    lines.push_back({'!', "the service will refuse this: it has no text \"cert\""});
    return std::nullopt;
  }
  const auto certificate = crypto::Certificate::from_pem(*pem);
  if (!certificate) {
    lines.push_back(
        {'!', "the service will refuse this: cert: " + shown(certificate.error().message)});
    return std::nullopt;
  }
  Person person;
  person.id = to_hex(certificate->der_sha256());
  person.name = shown(certificate->subject_common_name());
  return person;
}

void tell_until(const Object& args, Lines& lines) {
  const auto certificate =
      crypto::Certificate::from_pem(codec::json::text_of(args, "cert").value_or(""));
  if (certificate) {
    lines.push_back({' ', "certificate until " + to_rfc3339(certificate->not_after())});
  }
}

Lines tell_member(const Object& args, const Current& current) {
  Lines lines;
  const auto members = people_from(read(current, Source::members, lines), Role::member);
  const auto person = newcomer(args, lines);
  if (!person) return lines;
  const Person* old = find(members, person->id);
  lines.push_back({old == nullptr ? '+' : '~', "member " + described(*person)});
  tell_until(args, lines);
  const bool recovers = args.contains("encryption_pub_key");
  lines.push_back(
      {recovers ? '+' : ' ', recovers ? "holds a recovery share" : "holds no recovery share"});
  if (old != nullptr) lines.push_back({'!', "known already: Accepted again until it acks"});
  if (old == nullptr) lines.push_back({' ', "may vote after: vitrine member ack"});
  const auto data =
      difference("data", old == nullptr ? Value() : old->data, member_or_null(args, "member_data"));
  lines.insert(lines.end(), data.begin(), data.end());
  return lines;
}

Lines tell_no_member(const Object& args, const Current& current) {
  Lines lines;
  const auto members = people_from(read(current, Source::members, lines), Role::member);
  const std::string id = id_argument(args, "member_id");
  const Person* old = find(members, id);
  if (old == nullptr) {
    lines.push_back({' ', "no member " + shown(id)});
    return lines;
  }
  lines.push_back({'-', "member " + described(*old)});
  if (old->recovers) lines.push_back({'!', "held a recovery share: the ledger is rekeyed"});
  const auto active = count_active(members);
  if (old->status == "Active") {
    lines.push_back({'~', fmt::format("active members: {} -> {}", active, active - 1)});
  }
  return lines;
}

Lines tell_data(const Object& args, const Current& current, Role role) {
  Lines lines;
  const bool of_member = role == Role::member;
  const auto people =
      people_from(read(current, of_member ? Source::members : Source::users, lines), role);
  const std::string id = id_argument(args, of_member ? "member_id" : "user_id");
  const Person* person = find(people, id);
  lines.push_back({' ', (of_member ? "member " : "user ") +
                            (person == nullptr ? shown(id) + " (not known)" : described(*person))});
  const auto data = difference("data", person == nullptr ? Value() : person->data,
                               member_or_null(args, of_member ? "member_data" : "user_data"));
  lines.insert(lines.end(), data.begin(), data.end());
  return lines;
}
Lines tell_member_data(const Object& args, const Current& current) {
  return tell_data(args, current, Role::member);
}
Lines tell_user_data(const Object& args, const Current& current) {
  return tell_data(args, current, Role::user);
}

Lines tell_user(const Object& args, const Current& current) {
  Lines lines;
  const auto users = people_from(read(current, Source::users, lines), Role::user);
  const auto person = newcomer(args, lines);
  if (!person) return lines;
  const Person* old = find(users, person->id);
  lines.push_back({old == nullptr ? '+' : '~', "user " + described(*person)});
  tell_until(args, lines);
  const auto data =
      difference("data", old == nullptr ? Value() : old->data, member_or_null(args, "user_data"));
  lines.insert(lines.end(), data.begin(), data.end());
  return lines;
}

Lines tell_no_user(const Object& args, const Current& current) {
  Lines lines;
  const auto users = people_from(read(current, Source::users, lines), Role::user);
  const std::string id = id_argument(args, "user_id");
  const Person* old = find(users, id);
  if (old == nullptr) {
    lines.push_back({' ', "no user " + shown(id)});
  } else {
    lines.push_back({'-', "user " + described(*old)});
  }
  return lines;
}

Lines tell_threshold(const Object& args, const Current& current) {
  Lines lines;
  const auto info = read(current, Source::info, lines);
  const Object* all = info.if_object();
  const Object* configuration =
      all == nullptr ? nullptr : codec::json::object_of(*all, "configuration");
  Value before;
  if (configuration != nullptr) before = member_or_null(*configuration, "recoveryThreshold");
  const auto changes =
      difference("recovery threshold", before, member_or_null(args, "recovery_threshold"));
  lines.insert(lines.end(), changes.begin(), changes.end());
  if (!changes.empty()) lines.push_back({' ', "shares are dealt anew"});
  return lines;
}

constexpr TellerRow kRows[] = {
    {"set_member", tell_member},
    {"remove_member", tell_no_member},
    {"set_member_data", tell_member_data},
    {"set_user", tell_user},
    {"remove_user", tell_no_user},
    {"set_user_data", tell_user_data},
    {"set_recovery_threshold", tell_threshold},
};

}  // namespace

std::span<const TellerRow> people_tellers() { return kRows; }

}  // namespace vitrine::client
