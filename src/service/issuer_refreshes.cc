// How the fetching of issuers' keys goes (ccf.md 9): the framework's three counts, and, ours, each
// issuer with what failed last. Names of issuers are public: they stand in the governance state.
#include "core/issuer_refreshes.h"
#include "base/text.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

constexpr std::size_t kFailureBytesMax = 512;

codec::json::Object to_json(const core::IssuerRefresh& refresh) {
  codec::json::Object json;
  json["issuer"] = refresh.issuer;
  json["id"] = core::issuer_id(refresh.issuer);
  json["last_try"] = to_rfc3339(refresh.last_try);
  if (refresh.last_success) {
    json["last_success"] = to_rfc3339(*refresh.last_success);
  } else {
    json["last_success"] = nullptr;
  }
  json["failures_in_row"] = refresh.failures_in_row;
  if (refresh.failures_in_row > 0)
    json["failure"] = printable_ascii(refresh.failure, kFailureBytesMax);
  return json;
}

}  // namespace

net::Response get_issuer_refreshes(Exchange& exchange) {
  const core::IssuerRefreshes& refreshes = exchange.core.issuer_refreshes();
  const core::RefreshCounts counts = refreshes.counts();
  codec::json::Object body;
  body["attempts"] = counts.changed + counts.unchanged + counts.failed;
  body["successes"] = counts.changed + counts.unchanged;
  body["failures"] = counts.failed;
  codec::json::Array issuers;
  for (const core::IssuerRefresh& refresh : refreshes.all()) issuers.push_back(to_json(refresh));
  body["vitrine"] = codec::json::Object{{"issuers", std::move(issuers)}};
  return ok(exchange, body);
}

}  // namespace vitrine::service
