// vitrine pubkey: a public key of the service, with proof that it is in the ledger.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/input.h"

namespace vitrine::cli {
namespace {

std::string text_of(const std::optional<Time>& time) { return time ? to_rfc3339(*time) : "never"; }

}  // namespace

Status run_pubkey(const PubkeyOptions& options, Context& context) {
  VITRINE_TRY(const auto format, client::key_format_from(options.format));
  VITRINE_TRY(const auto pinned, pinned_certificate(context.global));
  VITRINE_TRY(auto service, connect(context));
  VITRINE_TRY(const auto answer, service.pubkey(options.kid, format));
  const client::PublicKey& key = answer.key;
  if (!options.kid.empty() && !key.kid.empty() && key.kid != options.kid) {
    return denied("public key: asked for " + options.kid + ", the service sent " + key.kid);
  }
  Fields fields;
  codec::json::Object document;
  if (!key.kid.empty()) fields.add("kid", key.kid);
  document["kid"] = key.kid;
  fields.add("id", std::to_string(key.id)).add("x", key.x);
  document["id"] = key.id;
  document["x"] = key.x;
  if (key.created) fields.add("created", to_rfc3339(*key.created));
  if (key.created) fields.add("expires", text_of(key.expiry));
  if (pinned) {
    VITRINE_TRY(const auto receipt, client::parse_receipt(key.receipt));
    VITRINE_TRY(const auto verified, client::verify_key_receipt(receipt, key.x, *pinned));
    fields.add("receipt", describe(verified, receipt));
    document["receipt"] = to_json(verified, receipt);
  } else {
    fields.add("receipt", "not verified: no service certificate is pinned");
    document["receipt"] = codec::json::Object{{"verified", false}};
  }
  if (!options.out.empty()) {
    VITRINE_CHECK(write_public(options.out, as_bytes(codec::json::write(answer.json) + "\n")));
    fields.add("saved", options.out);
  }
  document["answer"] = answer.json;
  context.out.result(fields.to_text(), document);
  return {};
}

}  // namespace vitrine::cli
