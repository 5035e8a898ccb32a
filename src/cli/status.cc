// vitrine status: the node in one screen.
#include <fmt/format.h>

#include <optional>

#include "base/hex.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/status_governance.h"
#include "cli/status_issuers.h"

namespace vitrine::cli {
namespace {

using codec::json::Object;

std::string text_member(const Object& object, std::string_view name) {
  return printable_ascii(codec::json::text_of(object, name).value_or("?"), 256);
}

std::string number_member(const Object& object, std::string_view name) {
  const auto number = codec::json::integer_of(object, name);
  return number ? std::to_string(*number) : "?";
}

Result<Object> object_of(std::string_view path, const client::Answer& answer) {
  if (answer.body.is_object()) return answer.body.get_object();
  return internal("GET " + std::string(path) + ": the answer is not an object");
}

// null: the service shows it to callers of its choice, and this is none.
Result<std::optional<bool>> is_set(client::Service& service, client::PolicyKind kind) {
  const auto answer = service.policy(kind);
  if (answer) return answer->body.is_object() && !answer->body.get_object().empty();
  if (answer.error().code == Code::denied) return std::nullopt;
  if (answer.error().code != Code::not_found) return tl::unexpected<Error>(answer.error());
  return false;
}

std::string newest_key(client::Service& service, Object& document) {
  const auto answer = service.pubkey({}, client::KeyFormat::jwk);
  if (!answer) return "none";
  document["newest_key"] = answer->key.kid;
  return fmt::format("{} (id {}, made {}, expires {})", answer->key.kid, answer->key.id,
                     answer->key.created ? to_rfc3339(*answer->key.created) : "?",
                     answer->key.expiry ? to_rfc3339(*answer->key.expiry) : "never");
}

// What only this service says of itself; other implementations of the contract have no such member.
void add_vitrine(const Object& network, Fields& fields) {
  const Object* own = codec::json::object_of(network, "vitrine");
  if (own == nullptr) return;
  const bool insecure = codec::json::bool_of(*own, "insecure_seal").value_or(false);
  fields.add("seal", text_member(*own, "seal") +
                         (insecure ? " (insecure: whoever has the key file has the keys)" : ""));
  const bool confirmed = codec::json::bool_of(*own, "confirmed").value_or(true);
  fields.add("rollback guard",
             text_member(*own, "rollback_guard") +
                 (confirmed ? "" : " (does not hold yet: this node answers reads alone)"));
}

void add_certificate(const Object& network, Fields& fields) {
  const auto pem = codec::json::text_of(network, "service_certificate");
  const auto certificate = crypto::Certificate::from_pem(pem.value_or(""));
  if (!certificate) return;
  fields.add("certificate", fmt::format("SHA-256 {}, until {}", to_hex(certificate->der_sha256()),
                                        to_rfc3339(certificate->not_after())));
}

// What only an open service serves. A node that waits for its members has none of it.
Status add_application(client::Service& service, Fields& fields, Object& document) {
  fields.add("newest key", newest_key(service, document));
  Object policies;
  for (const auto kind : {client::PolicyKind::release, client::PolicyKind::jwt,
                          client::PolicyKind::rotation, client::PolicyKind::settings}) {
    VITRINE_TRY(const auto set, is_set(service, kind));
    policies[client::name_of(kind)] = set ? codec::json::Value(*set) : codec::json::Value();
    fields.add(std::string(client::name_of(kind)) + " policy", !set   ? "not shown to this caller"
                                                               : *set ? "set"
                                                                      : "not set");
  }
  document["policies"] = std::move(policies);
  return {};
}

// Of a node that has not the service's secrets.
void add_waiting(const Object& state, Fields& fields) {
  const Object* own = codec::json::object_of(state, "vitrine");
  if (own == nullptr || own->if_contains("shares_needed") == nullptr) return;
  fields.add("WAITING", fmt::format("for recovery shares: {} of {} were given",
                                    codec::json::integer_of(*own, "shares_given").value_or(0),
                                    codec::json::integer_of(*own, "shares_needed").value_or(0)));
}

}  // namespace

Status run_status(Context& context) {
  VITRINE_TRY(auto service, connect(context));
  VITRINE_TRY(const auto network_answer, service.network());
  VITRINE_TRY(const auto state_answer, service.state());
  VITRINE_TRY(const auto version_answer, service.version());
  VITRINE_TRY(const auto network, object_of("/node/network", network_answer));
  VITRINE_TRY(const auto state, object_of("/node/state", state_answer));
  VITRINE_TRY(const auto version, object_of("/node/version", version_answer));
  const std::string status = text_member(network, "service_status");
  Object document;
  document["url"] = context.global.url;
  document["network"] = network;
  document["state"] = state;
  document["version"] = version;
  document["dev"] = network_answer.dev;
  Fields fields;
  fields.add("service", fmt::format("{}, {}", context.global.url, status));
  fields.add("version", text_member(version, "ccf_version"));
  fields.add("node", text_member(state, "node_id"));
  std::string committed;
  if (status == "Open") {
    VITRINE_TRY(const auto commit_answer, service.commit());
    VITRINE_TRY(const auto commit, object_of("/app/commit", commit_answer));
    document["commit"] = commit;
    committed = ", committed " + text_member(commit, "transaction_id");
  }
  fields.add("state", fmt::format("{}, view {}{}", text_member(state, "state"),
                                  number_member(network, "current_view"), committed));
  add_waiting(state, fields);
  add_certificate(network, fields);
  if (status == "Open") VITRINE_CHECK(add_application(service, fields, document));
  add_governance_status(service, network, fields, document);
  add_issuer_status(service, fields, document);
  if (network_answer.dev) {
    fields.add("dev mode", "yes: simulated evidence is accepted, secrets lie in the clear");
  }
  add_vitrine(network, fields);
  context.out.result(fields.to_text(), document);
  return {};
}

}  // namespace vitrine::cli
