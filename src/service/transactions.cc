// Transaction ids, their status and receipts (ccf.md 7).
#include "service/transactions.h"

#include "base/log.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

net::Response not_committed(std::string_view id) {
  net::Response response = framework_error(404, "TransactionPendingOrUnknown",
                                           "Transaction " + std::string(id) + " is not available.");
  add_header(response, "cache-control", "no-cache");
  return response;
}

}  // namespace

Result<std::string_view> transaction_status(const Exchange& exchange,
                                            const ledger::TransactionId& id) {
  if (id.seqno > exchange.view->head.root.roots.size)
    return exchange.view->state.view > id.view ? "Invalid" : "Unknown";
  VITRINE_TRY(const auto record, exchange.core.store().read_one(id.seqno - 1));
  VITRINE_TRY(const auto leaf, ledger::decode_leaf(record.leaf));
  return leaf.id.view == id.view ? "Committed" : "Invalid";
}

net::Response unreadable(const ledger::TransactionId& id, const Error& error) {
  log::error("entry not read", {{"transaction", ledger::to_text(id)}, {"reason", error.message}});
  return framework_error(500, "InternalError",
                         "Transaction " + ledger::to_text(id) + " can't be read.");
}

net::Response get_receipt(Exchange& exchange) {
  const auto text = exchange.target.find("transaction_id");
  const auto id =
      text ? ledger::transaction_id_from(*text) : malformed("transaction_id is missing");
  if (!id) return framework_error(404, "TransactionInvalid", "Could not extract Transaction Id");
  const auto status = transaction_status(exchange, *id);
  if (!status) return unreadable(*id, status.error());
  if (*status == "Invalid")
    return framework_error(404, "TransactionInvalid",
                           "Transaction " + ledger::to_text(*id) + " is invalid.");
  if (*status == "Unknown") return not_committed(ledger::to_text(*id));
  const auto receipt = exchange.core.receipt(*id);
  if (!receipt) {
    log::error("no receipt",
               {{"transaction", ledger::to_text(*id)}, {"reason", receipt.error().message}});
    return framework_error(500, "InternalError", receipt.error().message);
  }
  return ok(exchange, receipt->to_json(/*kms=*/false));
}

net::Response get_tx(Exchange& exchange) {
  const auto text = exchange.target.find("transaction_id");
  const auto id =
      text ? ledger::transaction_id_from(*text) : malformed("transaction_id is missing");
  if (!id) {
    return framework_error(400, "InvalidQueryParameterValue",
                           text ? "The value '" + std::string(*text) +
                                      "' passed as 'transaction_id' is not a valid transaction id."
                                : "The query parameter 'transaction_id' is missing.");
  }
  const auto status = transaction_status(exchange, *id);
  if (!status) return unreadable(*id, status.error());
  codec::json::Object body;
  body["status"] = *status;
  body["transaction_id"] = ledger::to_text(*id);
  return ok(exchange, body);
}

net::Response get_commit(Exchange& exchange) {
  codec::json::Object body;
  body["transaction_id"] = ledger::to_text(exchange.view->state.last_id());
  return ok(exchange, body);
}

}  // namespace vitrine::service
