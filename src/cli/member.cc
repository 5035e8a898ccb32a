// vitrine member list and ack.
#include <fmt/format.h>

#include "base/hex.h"
#include "cli/connection.h"
#include "cli/governance_view.h"
#include "cli/signing.h"

namespace vitrine::cli {
namespace {

using codec::json::Object;

Result<std::string> digest_in(const client::Answer& answer) {
  const Object* object = answer.body.if_object();
  const auto digest =
      object == nullptr ? std::nullopt : codec::json::text_of(*object, "stateDigest");
  if (!digest) return internal("the service's answer has no stateDigest");
  return std::string(*digest);
}

client::SignedRequest request_of(client::RequestType type, std::string_view content,
                                 const Clock& clock) {
  client::SignedRequest request;
  request.type = type;
  request.created_at = to_unix_seconds(clock.now());
  request.content = to_bytes(content);
  return request;
}

// Through the member's signature, or the one that is recorded where only bytes are to be made.
Result<std::optional<std::string>> digest_to_ack(client::GovernanceApi& api, const std::string& id,
                                                 const AckOptions& options, Context& context) {
  const bool only_bytes = !options.signing.cose_out.empty() || !options.signing.prepare.empty();
  if (only_bytes && !options.update_only) {
    VITRINE_TRY(const auto recorded, api.state_digest(id));
    return digest_in(recorded).map([](auto&& digest) { return std::optional(digest); });
  }
  VITRINE_TRY(const auto update,
              sign_or_write(request_of(client::RequestType::state_digest, {}, context.clock),
                            options.signing, context, {}));
  if (!update) return std::optional<std::string>();
  VITRINE_TRY(const auto answer, api.update_state_digest(id, *update));
  return digest_in(answer).map([](auto&& digest) { return std::optional(digest); });
}

}  // namespace

Status run_member_list(Context& context) {
  VITRINE_TRY(auto service, connect(context));
  VITRINE_TRY(const auto answer, client::GovernanceApi(service).members());
  Grid grid({"member", "status", "recovery share", "certificate until", "id"});
  for (const auto& member : client::people_from(answer.body, client::Role::member)) {
    grid.add({member.name, member.status, member.recovers ? "yes" : "no", member.until, member.id});
  }
  Object document;
  document["members"] = answer.body.is_object() && answer.body.get_object().contains("value")
                            ? answer.body.get_object().at("value")
                            : answer.body;
  context.out.result(grid.to_text(), document);
  return {};
}

Status run_member_ack(const AckOptions& options, Context& context) {
  VITRINE_TRY(const auto certificate, signer_certificate(options.signing, context));
  const std::string id = to_hex(certificate.der_sha256());
  VITRINE_TRY(auto service, connect(context));
  client::GovernanceApi api(service);
  auto digest = digest_to_ack(api, id, options, context);
  if (!digest) return in_context("state digest of " + client::shortened(id), digest.error());
  if (!*digest) return {};
  const std::string content = codec::json::write(Object{{"stateDigest", **digest}});
  VITRINE_TRY(const auto bytes,
              sign_or_write(request_of(client::RequestType::ack, content, context.clock),
                            options.signing, context, {{"state_digest", **digest}}));
  if (!bytes) return {};
  const auto answer = api.ack(id, *bytes);
  if (!answer) return in_context("ack of " + client::shortened(id), answer.error());
  context.out.result(
      fmt::format("acknowledged  {}\nmember        {} is active\n", **digest, id),
      {{"member_id", id}, {"state_digest", **digest}, {"transaction_id", answer->transaction_id}});
  return {};
}

}  // namespace vitrine::cli
