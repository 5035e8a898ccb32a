// The node's own evidence (ccf.md 9): what lets a client or member check which code holds the keys.
// A quote over the newest root, or over the bytes that `?challenge=` gives in hex.
#include "attestation/snp/report.h"
#include "base/base64.h"
#include "base/hex.h"
#include "base/log.h"
#include "service/quote.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

using codec::json::Object;

// The members of CCF, and under "vitrine" whatever else its report data was made from.
Object quote_object(const Exchange& exchange, const core::Quote& quote) {
  Object json = quote_of(exchange.view->state.node->id, quote.evidence);
  Object bound;
  bound["genesis_hash"] = to_hex(exchange.view->state.service->genesis_hash);
  if (!quote.challenge.empty()) bound["challenge"] = to_hex(quote.challenge);
  bound["size"] = quote.head.size;
  bound["root"] = to_hex(quote.head.rfc9162);
  json["vitrine"] = std::move(bound);
  return json;
}

net::Response no_quote(const Error& error) {
  if (error.code == Code::malformed)
    return framework_error(400, "InvalidQueryParameterValue", error.message);
  if (error.code == Code::not_found) return framework_error(404, "ResourceNotFound", error.message);
  log::warning("no evidence of this node's own", {{"reason", error.message}});
  return unavailable_for(std::chrono::seconds{1});
}

Result<Object> own_quote(Exchange& exchange) {
  const auto text = exchange.target.find("challenge");
  auto& quotes = exchange.core.quotes();
  if (!text) {
    VITRINE_TRY(const auto quote, quotes.newest(*exchange.view, exchange.core.now()));
    return quote_object(exchange, *quote);
  }
  const auto challenge = from_hex(*text);
  if (!challenge) return malformed("challenge: must be an even number of hex digits");
  VITRINE_TRY(const auto quote, quotes.challenged(*exchange.view, exchange.core.now(), *challenge));
  return quote_object(exchange, quote);
}

}  // namespace

Object quote_of(std::string_view node_id, const attestation::SnpEvidence& evidence) {
  Object json;
  json["node_id"] = node_id;
  json["format"] = "AMD_SEV_SNP_v1";
  json["raw"] = to_base64(evidence.report);
  json["endorsements"] = to_base64(as_bytes(evidence.endorsements));
  const auto report = attestation::snp::parse_report(evidence.report);
  json["measurement"] = report ? to_hex(report->measurement) : std::string();
  if (!evidence.uvm_endorsements.empty())
    json["uvm_endorsements"] = to_base64(evidence.uvm_endorsements);
  if (!evidence.endorsed_tcb.empty()) json["endorsed_tcb"] = evidence.endorsed_tcb;
  return json;
}

net::Response get_own_quote(Exchange& exchange) {
  auto quote = own_quote(exchange);
  if (!quote) return no_quote(quote.error());
  return ok(exchange, *std::move(quote));
}

net::Response get_quotes(Exchange& exchange) {
  codec::json::Array quotes;
  auto quote = own_quote(exchange);
  if (quote) {
    quotes.push_back(*std::move(quote));
  } else if (quote.error().code != Code::not_found) {
    return no_quote(quote.error());
  }
  return ok(exchange, Object{{"quotes", std::move(quotes)}});
}

}  // namespace vitrine::service
