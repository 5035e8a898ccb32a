// vitrine keys list and refresh.
#include <fmt/format.h>

#include "cli/commands.h"
#include "cli/connection.h"

namespace vitrine::cli {
namespace {

void add_row(const client::PublicKey& key, Grid& grid) {
  grid.add({std::to_string(key.id), key.kid, key.created ? to_rfc3339(*key.created) : "",
            key.expiry ? to_rfc3339(*key.expiry) : "never", key.x});
}

}  // namespace

// What public endpoints give: the newest exposed key (kms-api.md 2.5), in the form that names its
// kid as well.
Status run_keys_list(Context& context) {
  VITRINE_TRY(auto service, connect(context));
  VITRINE_TRY(const auto listed, service.list_pubkeys());
  VITRINE_TRY(const auto answer, service.pubkey({}, client::KeyFormat::jwk));
  Grid grid({"id", "kid", "created", "expires", "x"});
  add_row(answer.key, grid);
  codec::json::Object document;
  document["keys"] = codec::json::Array{answer.json};
  document["listpubkeys"] = listed.body;
  context.out.result(grid.to_text(), document);
  return {};
}

Status run_keys_refresh(const KeysRefreshOptions& options, Context& context) {
  VITRINE_TRY(const auto pinned, pinned_certificate(context.global));
  VITRINE_TRY(auto service, connect(context, options.caller));
  auto refreshed = service.refresh();
  if (!refreshed) return with_caller_hint(refreshed.error(), options.caller);
  const auto& made = *refreshed;
  Fields fields;
  fields.add("kid", made.key.kid)
      .add("id", std::to_string(made.key.id))
      .add("x", made.key.x)
      .add("created", made.key.created ? to_rfc3339(*made.key.created) : "")
      .add("expires", made.key.expiry ? to_rfc3339(*made.key.expiry) : "never")
      .add("transaction", made.transaction_id);
  codec::json::Object document;
  document["transaction_id"] = made.transaction_id;
  document["key"] = made.json;
  if (pinned) {
    VITRINE_TRY(const auto answer, service.pubkey(made.key.kid, client::KeyFormat::jwk));
    VITRINE_TRY(const auto receipt, client::parse_receipt(answer.key.receipt));
    VITRINE_TRY(const auto verified, client::verify_key_receipt(receipt, made.key.x, *pinned));
    fields.add("receipt", describe(verified, receipt));
    document["receipt"] = to_json(verified, receipt);
  }
  context.out.result(fields.to_text(), document);
  return {};
}

}  // namespace vitrine::cli
