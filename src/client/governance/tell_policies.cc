#include "client/governance/tellers.h"
#include "policy/release_policy.h"

namespace vitrine::client {
namespace {

using codec::json::Object;
using codec::json::Value;

Lines& operator+=(Lines& lines, const Lines& more) {
  lines.insert(lines.end(), more.begin(), more.end());
  return lines;
}

Lines refused(const Error& error) {
  return {{'!', "the service will refuse this: " + shown(error.message)}};
}

// Applies the action to what is in force, by the service's own rules.
Lines tell_release_policy(const Object& args, const Current& current) {
  Lines lines;
  const auto served = read(current, Source::release_policy, lines);
  policy::ReleasePolicy release_policy;
  if (const auto* stored = served.if_object(); stored != nullptr && !stored->empty()) {
    Object addition = *stored;
    addition["type"] = "add";
    if (const auto applied = release_policy.apply(addition); !applied) {
      return refused(applied.error());
    }
  }
  const Object before = release_policy.to_json();
  if (const auto applied = release_policy.apply(args); !applied) return refused(applied.error());
  return lines += difference("", before, release_policy.to_json());
}

Lines tell_jwt_validation_policy(const Object& args, const Current& current) {
  Lines lines;
  const auto served = read(current, Source::jwt_validation_policy, lines);
  const std::string issuer(codec::json::text_of(args, "issuer").value_or(""));
  const Object* all = served.if_object();
  const Value* before = all == nullptr ? nullptr : codec::json::find(*all, issuer);
  const Value* after = codec::json::find(args, "validation_policy");
  return lines += difference(shown(issuer), before == nullptr ? Value() : *before,
                             after == nullptr ? Value() : *after);
}

Lines tell_stored(const Object& args, const Current& current, Source source,
                  std::string_view member) {
  Lines lines;
  const auto before = read(current, source, lines);
  const Value* after = codec::json::find(args, member);
  return lines += difference("", before, after == nullptr ? Value() : *after);
}

Lines tell_rotation_policy(const Object& args, const Current& current) {
  return tell_stored(args, current, Source::rotation_policy, "key_rotation_policy");
}

Lines tell_settings_policy(const Object& args, const Current& current) {
  return tell_stored(args, current, Source::settings_policy, "settings_policy");
}

bool has_issuer(const Value& jwk, std::string_view issuer) {
  const Object* all = jwk.if_object();
  const Object* issuers = all == nullptr ? nullptr : codec::json::object_of(*all, "issuers");
  return issuers != nullptr && codec::json::find(*issuers, issuer) != nullptr;
}

Lines tell_issuer(const Object& args, const Current& current) {
  Lines lines;
  const auto jwk = read(current, Source::jwk, lines);
  const auto issuer = codec::json::text_of(args, "issuer").value_or("");
  lines.push_back({has_issuer(jwk, issuer) ? '~' : '+', "issuer " + shown(issuer)});
  Object others = args;
  others.erase("issuer");
  return lines += difference("", Object(), others);
}

Lines tell_no_issuer(const Object& args, const Current& current) {
  Lines lines;
  const auto jwk = read(current, Source::jwk, lines);
  const auto issuer = codec::json::text_of(args, "issuer").value_or("");
  if (!has_issuer(jwk, issuer)) return lines += {{' ', "no issuer " + shown(issuer) + " is set"}};
  return lines += {{'-', "issuer " + shown(issuer) + ": its tokens count no more"}};
}

// Args that name one thing which is trusted from then on, or no more.
Lines tell_trust(const Object& args, char sign) {
  Lines lines = difference("", Object(), args);
  for (auto& line : lines) line.sign = sign;
  return lines;
}
Lines tell_trusted(const Object& args, const Current&) { return tell_trust(args, '+'); }
Lines tell_untrusted(const Object& args, const Current&) { return tell_trust(args, '-'); }

constexpr TellerRow kRows[] = {
    {"set_key_release_policy", tell_release_policy},
    {"set_jwt_validation_policy", tell_jwt_validation_policy},
    {"set_key_rotation_policy", tell_rotation_policy},
    {"set_settings_policy", tell_settings_policy},
    {"set_jwt_issuer", tell_issuer},
    {"set_jwt_public_signing_keys", tell_issuer},
    {"remove_jwt_issuer", tell_no_issuer},
    {"set_ca_cert_bundle", tell_trusted},
    {"remove_ca_cert_bundle", tell_untrusted},
    {"add_snp_measurement", tell_trusted},
    {"remove_snp_measurement", tell_untrusted},
    {"add_snp_host_data", tell_trusted},
    {"remove_snp_host_data", tell_untrusted},
    {"add_snp_uvm_endorsement", tell_trusted},
    {"remove_snp_uvm_endorsement", tell_untrusted},
    {"set_snp_minimum_tcb_version", tell_trusted},
    {"set_snp_minimum_tcb_version_hex", tell_trusted},
    {"remove_snp_minimum_tcb_version", tell_untrusted},
    {"transition_node_to_trusted", tell_trusted},
    {"remove_node", tell_untrusted},
};

}  // namespace

std::span<const TellerRow> policy_tellers() { return kRows; }

Value read(const Current& current, Source source, Lines& lines) {
  auto value = current(source);
  if (value) return *std::move(value);
  lines.push_back({'!', "what is in force can't be read (" + shown(value.error().message) + ")"});
  return {};
}

}  // namespace vitrine::client
