// vitrine receipt verify and get.
#include "client/receipt.h"

#include <fmt/format.h>

#include "base/hex.h"
#include "cli/commands.h"
#include "cli/connection.h"
#include "cli/input.h"
#include "crypto/hash.h"

namespace vitrine::cli {
namespace {

// Lines and members that both commands show.
void describe_receipt(const ledger::VerifiedReceipt& verified, const ledger::Receipt& receipt,
                      Fields& fields, codec::json::Object& document) {
  fields.add("transaction", ledger::to_text(verified.id))
      .add("claims digest", to_hex(verified.claims_digest))
      .add("root", to_hex(verified.root))
      .add("proof", fmt::format("{} hashes", receipt.proof.size()))
      .add("node", receipt.node_id);
  document = to_json(verified, receipt);
}

}  // namespace

Status run_receipt_verify(const ReceiptVerifyOptions& options, Context& context) {
  VITRINE_TRY(const auto pinned, required_certificate(context.global));
  VITRINE_TRY(const auto text, read_text(options.file));
  auto found = client::find_receipt(text);
  if (!found) return in_context(options.file, found.error());
  const std::string x = options.x.empty() ? found->x : options.x;
  auto verified = x.empty() ? ledger::verify_receipt(found->receipt, pinned)
                            : client::verify_key_receipt(found->receipt, x, pinned);
  if (!verified) return in_context(options.file, verified.error());
  Fields fields;
  codec::json::Object document;
  fields.add("receipt", "verified");
  describe_receipt(*verified, found->receipt, fields, document);
  if (!found->kid.empty()) fields.add("kid", found->kid);
  fields.add("key", x.empty() ? "not compared: the file names no key; give it with --x" : x);
  document["kid"] = found->kid;
  document["x"] = x;
  document["key_compared"] = !x.empty();
  context.out.result(fields.to_text(), document);
  return {};
}

Status run_receipt_get(const ReceiptGetOptions& options, Context& context) {
  VITRINE_TRY(const auto id, ledger::transaction_id_from(options.transaction_id));
  VITRINE_TRY(const auto pinned, pinned_certificate(context.global));
  VITRINE_TRY(auto service, connect(context));
  VITRINE_TRY(const auto answer, service.receipt(ledger::to_text(id)));
  if (!answer.body.is_object()) return internal("GET /app/receipt: the answer is not an object");
  VITRINE_TRY(const auto receipt, ledger::Receipt::from_json(answer.body.get_object()));
  Fields fields;
  codec::json::Object document;
  if (pinned) {
    VITRINE_TRY(const auto verified, ledger::verify_receipt(receipt, *pinned));
    if (verified.id != id) {
      return denied("receipt: asked for " + ledger::to_text(id) + ", the service sent that of " +
                    ledger::to_text(verified.id));
    }
    fields.add("receipt", "verified");
    describe_receipt(verified, receipt, fields, document);
  } else {
    fields.add("receipt", "not verified: no service certificate is pinned");
    document["verified"] = false;
  }
  document["receipt"] = answer.body;
  if (!options.out.empty()) {
    VITRINE_CHECK(write_public(options.out, as_bytes(codec::json::write(answer.body) + "\n")));
    fields.add("saved", options.out);
  }
  context.out.result(fields.to_text(), document);
  return {};
}

}  // namespace vitrine::cli
