// Members, users and who can recover the service (ccf.md 5, 10).
#include <algorithm>
#include <array>

#include "governance/action_args.h"
#include "governance/action_table.h"
#include "governance/json_fields.h"
#include "ledger/entries.h"

namespace vitrine::governance {
namespace {

namespace cbor = codec::cbor;
using codec::json::Object;
using codec::json::Value;

constexpr std::size_t kIdDigits = 64;
constexpr std::int64_t kThresholdMax = 254;

void demand(Change& change, DutyKind kind) {
  Duty duty;
  duty.kind = kind;
  duty.cause = change.at.id.seqno;
  change.proceedings.demand(duty);
}

// Nothing is dealt before there is a threshold and the service is open.
bool shares_are_dealt(const State& state) {
  return state.recovery_threshold != 0 && !state.opening;
}

// Whoever was dealt a share must not be able to open with it what comes later.
void on_leaving(Change& change, const Member& member) {
  if (member.status == MemberStatus::active && member.is_recovery_member() &&
      shares_are_dealt(change.state)) {
    demand(change, DutyKind::rekey);
  }
}

Status read_encryption_key(const Object& args, Member& member) {
  if (!is_given(args, "encryption_pub_key")) return {};
  const auto pem = codec::json::text_of(args, "encryption_pub_key");
  if (!pem) return malformed("encryption_pub_key is not text");
  auto key = crypto::PublicKey::from_pem(*pem);
  if (!key) return in_context("encryption_pub_key", key.error());
  if (key->kind() != crypto::KeyKind::rsa) {
    return malformed("encryption_pub_key is no RSA key of 2048 to 4096 bits");
  }
  member.encryption_key.emplace(*std::move(key));
  return {};
}

// The role follows from the key; a request that says otherwise is a mistake of its writer.
Status check_role(const Object& args, bool has_key) {
  if (!is_given(args, "recovery_role")) return {};
  const auto role = codec::json::text_of(args, "recovery_role");
  if (role == "Owner") {
    return malformed("recovery_role: Owner would open the service alone; no member here does",
                     "use Participant");
  }
  if (role != "Participant" && role != "NonParticipant") {
    return malformed("recovery_role is neither Participant nor NonParticipant");
  }
  if ((role == "Participant") != has_key) {
    return malformed(has_key ? "recovery_role: NonParticipant with an encryption_pub_key"
                             : "recovery_role: Participant without an encryption_pub_key");
  }
  return {};
}

Status check_signs(const crypto::Certificate& certificate) {
  switch (certificate.public_key().kind()) {
    case crypto::KeyKind::ec_p256:
    case crypto::KeyKind::ec_p384:
    case crypto::KeyKind::ec_p521:
      return {};
    default:
      return malformed(
          "cert: its key is none of P-256, P-384, P-521: the member could sign nothing");
  }
}

Status check_room(const State& state, const std::string& id) {
  const auto others = std::count_if(
      state.members.begin(), state.members.end(),
      [&](const auto& each) { return each.first != id && each.second.is_recovery_member(); });
  if (static_cast<std::size_t>(others) < ledger::kSharesMax) return {};
  return conflict("encryption_pub_key: " + std::to_string(ledger::kSharesMax) +
                  " members hold recovery shares, and no more can");
}

Status set_member(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"cert", "encryption_pub_key", "member_data", "recovery_role"}));
  auto& state = change.state;
  VITRINE_TRY(auto certificate, certificate_arg(args, "cert", state.settings, change.at.time));
  VITRINE_CHECK(check_signs(certificate));
  Member member{std::move(certificate), MemberStatus::accepted, nullptr};
  VITRINE_CHECK(read_encryption_key(args, member));
  VITRINE_CHECK(check_role(args, member.is_recovery_member()));
  VITRINE_TRY(member.data, data_arg(args, "member_data"));
  const auto id = identity_of(member.certificate);
  if (member.is_recovery_member()) VITRINE_CHECK(check_room(state, id));
  if (const auto found = state.members.find(id); found != state.members.end()) {
    on_leaving(change, found->second);  // until it acks again
  }
  state.members.insert_or_assign(id, std::move(member));
  change.proceedings.state_digests[id] = change.at.signed_root;
  return {};
}

Status remove_member(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"member_id"}));
  VITRINE_TRY(const auto id, hex_arg(args, "member_id", kIdDigits));
  const auto found = change.state.members.find(id);
  if (found == change.state.members.end()) return {};
  on_leaving(change, found->second);
  change.state.members.erase(found);
  change.proceedings.state_digests.erase(id);
  return {};
}

Status set_member_data(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"member_id", "member_data"}));
  VITRINE_TRY(const auto id, hex_arg(args, "member_id", kIdDigits));
  VITRINE_TRY(const auto* data, object_arg(args, "member_data"));
  const auto found = change.state.members.find(id);
  if (found == change.state.members.end()) return malformed("member_id: no member " + id);
  found->second.data = *data;
  return {};
}

Status set_user(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"cert", "user_data"}));
  auto& state = change.state;
  VITRINE_TRY(auto certificate, certificate_arg(args, "cert", state.settings, change.at.time));
  VITRINE_TRY(auto data, data_arg(args, "user_data"));
  const auto id = identity_of(certificate);
  state.users.insert_or_assign(id, User{std::move(certificate), std::move(data)});
  return {};
}

Status remove_user(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"user_id"}));
  VITRINE_TRY(const auto id, hex_arg(args, "user_id", kIdDigits));
  change.state.users.erase(id);
  // Who comes back later is no proposer by an old vote.
  auto& proposers = change.state.settings.proposers;
  proposers.erase(std::remove(proposers.begin(), proposers.end(), id), proposers.end());
  return {};
}

Status set_user_data(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"user_id", "user_data"}));
  VITRINE_TRY(const auto id, hex_arg(args, "user_id", kIdDigits));
  VITRINE_TRY(auto data, data_arg(args, "user_data"));
  const auto found = change.state.users.find(id);
  if (found == change.state.users.end()) return malformed("user_id: no user " + id);
  found->second.data = std::move(data);
  return {};
}

// Whether enough members hold a share is judged of the whole proposal.
Status set_recovery_threshold(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {"recovery_threshold"}));
  const auto threshold = codec::json::integer_of(args, "recovery_threshold");
  if (!threshold || *threshold < 1 || *threshold > kThresholdMax) {
    return malformed("recovery_threshold is not an integer from 1 to 254");
  }
  if (*threshold < 2 && !change.state.settings.dev) {
    return malformed("recovery_threshold: one share alone would open the service",
                     "outside --dev it is at least 2");
  }
  const auto before =
      std::exchange(change.state.recovery_threshold, static_cast<std::uint32_t>(*threshold));
  if (before != change.state.recovery_threshold && shares_are_dealt(change.state)) {
    demand(change, DutyKind::deal_shares);
  }
  return {};
}

Status trigger_recovery_shares_refresh(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {}));
  if (change.state.recovery_threshold == 0) {
    return conflict("no recovery threshold is set, so no shares are dealt",
                    "set one with set_recovery_threshold");
  }
  if (shares_are_dealt(change.state)) demand(change, DutyKind::deal_shares);
  return {};
}

Status trigger_ledger_rekey(Change& change, const Object& args) {
  VITRINE_CHECK(check_args(args, {}));
  demand(change, DutyKind::rekey);
  return {};
}

cbor::Value text_of(const Value& value) { return cbor::Value::text(codec::json::write(value)); }

// A member's status is left out: an ack is no change that voters would have to know of.
cbor::Value member_of(const State& state, std::string_view id) {
  const auto found = state.members.find(id);
  if (found == state.members.end()) return {};
  const auto& key = found->second.encryption_key;
  return cbor::Value::array(
      {text_of(found->second.data), key ? cbor::Value::bytes(key->spki()) : cbor::Value()});
}
cbor::Value user_of(const State& state, std::string_view id) {
  const auto found = state.users.find(id);
  return found == state.users.end() ? cbor::Value() : text_of(found->second.data);
}

// Of a certificate in the args; empty where it can't be read.
std::string id_in(const Object& args) {
  const auto certificate =
      crypto::Certificate::from_pem(codec::json::text_of(args, "cert").value_or(""));
  return certificate ? identity_of(*certificate) : std::string();
}

cbor::Value new_member(const State& state, const Object& args) {
  return member_of(state, id_in(args));
}
cbor::Value new_user(const State& state, const Object& args) { return user_of(state, id_in(args)); }
cbor::Value named_member(const State& state, const Object& args) {
  return member_of(state, hex_arg(args, "member_id", kIdDigits).value_or(""));
}
cbor::Value named_user(const State& state, const Object& args) {
  return user_of(state, hex_arg(args, "user_id", kIdDigits).value_or(""));
}
cbor::Value threshold(const State& state, const Object&) {
  return cbor::Value::uint(state.recovery_threshold);
}

constexpr std::array kRows = std::to_array<ActionRow>({
    {"set_member", set_member, new_member},
    {"remove_member", remove_member},
    {"set_member_data", set_member_data, named_member},
    {"set_user", set_user, new_user},
    {"remove_user", remove_user},
    {"set_user_data", set_user_data, named_user},
    {"set_recovery_threshold", set_recovery_threshold, threshold},
    {"trigger_recovery_shares_refresh", trigger_recovery_shares_refresh},
    {"trigger_ledger_rekey", trigger_ledger_rekey},
});

}  // namespace

std::span<const ActionRow> member_actions() { return kRows; }

}  // namespace vitrine::governance
