// The node API that KMS clients and scripts use (kms-api.md 3, ccf.md 9).
#include "base/hex.h"
#include "base/version.h"
#include "service/gov_documents.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

codec::json::Object node_object(const Exchange& exchange) {
  codec::json::Object node;
  node["last_written"] = 0;
  node["node_data"] = nullptr;
  node["node_id"] = exchange.view->state.node->id;
  node["primary"] = true;
  node["rpc_interfaces"] = codec::json::Object();
  node["status"] = "Trusted";
  return node;
}

}  // namespace

net::Response get_network(Exchange& exchange) {
  const core::State& state = exchange.view->state;
  const governance::Settings& settings = state.governance->settings;
  codec::json::Object body;
  body["current_service_create_txid"] = ledger::to_text(state.service->created);
  body["current_view"] = state.view;
  body["primary_id"] = state.node->id;
  body["recovery_count"] = state.recovery.count;
  body["service_certificate"] = state.service->certificate.pem();
  body["service_data"] = nullptr;
  body["service_status"] = service_status(*state.governance);
  // Ours: what a client should know before it trusts this service.
  codec::json::Object vitrine;
  vitrine["dev"] = settings.dev;
  vitrine["seal"] = exchange.core.seal_kind();
  // In development mode the key file needs no leave of governance; it is no safer for that.
  vitrine["insecure_seal"] = settings.dev || settings.insecure_seal;
  vitrine["rollback_guard"] = settings.rollback_guard;
  vitrine["confirmed"] = exchange.core.confirmed();
  vitrine["log_origin"] = state.service->log_origin;
  // What a proposal names as its "service".
  vitrine["genesis_hash"] = to_hex(state.service->genesis_hash);
  vitrine["frozen"] = frozen_document(*state.governance);
  body["vitrine"] = std::move(vitrine);
  return ok(exchange, body);
}

net::Response get_state(Exchange& exchange) {
  codec::json::Object body;
  body["last_signed_seqno"] = exchange.view->head.root.roots.size;
  body["node_id"] = exchange.view->state.node->id;
  body["startup_seqno"] = 0;
  body["state"] = "PartOfNetwork";
  body["stop_notice"] = false;
  return ok(exchange, body);
}

net::Response get_version(Exchange&) { return version_answer(); }

net::Response version_answer() {
  net::Response response;
  add_header(response, "content-type", "application/json");
  codec::json::Object body;
  body["ccf_version"] = std::string("vitrine-") + kVersion;
  body["quickjs_version"] = "";
  body["unsafe"] = false;
  response.body = codec::json::write(body);
  return response;
}

// Not while the node is unconfirmed: it would answer reads alone (ccf.md 9).
net::Response get_ready_gov(Exchange& exchange) {
  return exchange.core.confirmed() ? no_content() : unavailable_for(std::chrono::seconds{1});
}

// Nor while members still prepare the service.
net::Response get_ready(Exchange& exchange) {
  return exchange.governance().opening ? unavailable_for(std::chrono::seconds{1})
                                       : get_ready_gov(exchange);
}

net::Response get_nodes(Exchange& exchange) {
  codec::json::Array nodes;
  nodes.push_back(node_object(exchange));
  codec::json::Object body;
  body["nodes"] = std::move(nodes);
  return ok(exchange, body);
}

net::Response get_node(Exchange& exchange) { return ok(exchange, node_object(exchange)); }

}  // namespace vitrine::service
