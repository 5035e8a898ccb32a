// What the service is, in the form of 2024-07-01 (ccf.md 3): for anyone to read.
#include <fmt/format.h>

#include "service/gov_documents.h"
#include "service/gov_request.h"
#include "service/routes.h"
#include "service/transactions.h"

namespace vitrine::service {
namespace {

using codec::json::Object;

net::Response list(const Exchange& exchange, codec::json::Array values) {
  Object body;
  body["value"] = std::move(values);
  return ok(exchange, body);
}

// All of a table, each told by `tell`.
template <class Table, class Tell>
net::Response all_of(const Exchange& exchange, const Table& table, const Tell& tell) {
  codec::json::Array values;
  for (const auto& [id, value] : table) values.push_back(tell(id, value));
  return list(exchange, std::move(values));
}

// The one that the path names by its parameter.
template <class Table, class Tell>
net::Response one_of(const Exchange& exchange, const Table& table, std::string_view what,
                     std::string_view parameter, const Tell& tell) {
  const std::string_view id = exchange.parameter(parameter);
  if (const auto found = table.find(id); found != table.end())
    return ok(exchange, tell(found->first, found->second));
  return framework_error(404, "ResourceNotFound", fmt::format("{} {} does not exist.", what, id));
}

// Says nothing of any state, so it has no transaction id.
net::Response transaction(const ledger::TransactionId& id, std::string_view status) {
  net::Response response;
  add_header(response, "content-type", "application/json");
  response.body =
      codec::json::write(Object{{"status", status}, {"transactionId", ledger::to_text(id)}});
  return response;
}

// This node can show evidence of its own; nobody keeps that of others.
auto teller_of_nodes(const Exchange& exchange) {
  return [&exchange](std::string_view id, const governance::NodeRecord& node) {
    Object document = node_document(id, node);
    if (id != exchange.view->state.node->id) return document;
    if (const auto quote = exchange.core.quotes().newest(*exchange.view, exchange.core.now()))
      document["quoteInfo"] = quote_info((*quote)->evidence);
    return document;
  };
}

}  // namespace

net::Response get_gov_info(Exchange& exchange) {
  return ok(exchange, info_document(exchange.view->state));
}

// A program for peers, for ours a table; `format=json` gives it bare.
net::Response get_gov_constitution(Exchange& exchange) {
  const auto& constitution = exchange.governance().constitution;
  if (exchange.target.find("format") == "json") return ok(exchange, constitution.to_json());
  return ok_as("text/javascript", exchange, constitution.to_javascript());
}

net::Response get_gov_members(Exchange& exchange) {
  return all_of(exchange, exchange.governance().members, member_document);
}
net::Response get_gov_member(Exchange& exchange) {
  return one_of(exchange, exchange.governance().members, "Member", "memberId", member_document);
}

net::Response get_gov_users(Exchange& exchange) {
  return all_of(exchange, exchange.governance().users, user_document);
}
net::Response get_gov_user(Exchange& exchange) {
  return one_of(exchange, exchange.governance().users, "User", "userId", user_document);
}

net::Response get_gov_nodes(Exchange& exchange) {
  return all_of(exchange, exchange.view->state.proceedings->nodes, teller_of_nodes(exchange));
}
net::Response get_gov_node(Exchange& exchange) {
  return one_of(exchange, exchange.view->state.proceedings->nodes, "Node", "nodeId",
                teller_of_nodes(exchange));
}

net::Response get_gov_join_policy(Exchange& exchange) {
  return ok(exchange, join_policy_document(exchange.governance().join_policy));
}

net::Response get_gov_jwk(Exchange& exchange) {
  return ok(exchange, jwk_document(exchange.governance()));
}

// There is none: a set_js_app that is tolerated installs nothing.
net::Response get_gov_javascript_app(Exchange& exchange) {
  const auto spelling = exchange.target.find("case");
  if (spelling && *spelling != "original") {
    return framework_error(400, "InvalidQueryParameterValue",
                           "The query parameter case may be: original.");
  }
  return ok(exchange, Object{{"endpoints", Object()}});
}

net::Response get_gov_javascript_modules(Exchange& exchange) { return list(exchange, {}); }

net::Response get_gov_javascript_module(Exchange& exchange) {
  return framework_error(
      404, "ResourceNotFound",
      fmt::format("Module {} does not exist.", exchange.parameter("moduleName")));
}

net::Response get_gov_transaction(Exchange& exchange) {
  const auto id = ledger::transaction_id_from(exchange.parameter("transactionId"));
  if (!id) {
    return framework_error(400, "InvalidResourceName",
                           "transactionId in the path is not a transaction id.");
  }
  const auto status = transaction_status(exchange, *id);
  return status ? transaction(*id, *status) : unreadable(*id, status.error());
}

net::Response get_gov_commit(Exchange& exchange) {
  return transaction(exchange.view->state.last_id(), "Committed");
}

}  // namespace vitrine::service
