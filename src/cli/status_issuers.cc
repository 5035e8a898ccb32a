#include "cli/status_issuers.h"

#include <fmt/format.h>

#include "base/text.h"

namespace vitrine::cli {
namespace {

using codec::json::Object;

std::string shown(const Object& issuer, std::string_view name) {
  return printable_ascii(codec::json::text_of(issuer, name).value_or("?"), 512);
}

void add_failing(const Object& issuer, std::int64_t failures, Fields& fields) {
  const auto last = codec::json::text_of(issuer, "last_success");
  fields.add("ISSUER FAILS",
             fmt::format("{}: {} ({} in a row; last fetched: {})", shown(issuer, "issuer"),
                         shown(issuer, "failure"), failures,
                         last ? shown(issuer, "last_success") : "not yet, since this start"));
}

}  // namespace

void add_issuer_status(client::Service& service, Fields& fields, Object& document) {
  const auto answer = service.issuer_refreshes();
  const Object* body = answer ? answer->body.if_object() : nullptr;
  const Object* own = body == nullptr ? nullptr : codec::json::object_of(*body, "vitrine");
  const auto* issuers = own == nullptr ? nullptr : codec::json::array_of(*own, "issuers");
  if (issuers == nullptr || issuers->empty()) return;
  document["issuers"] = *issuers;
  std::vector<std::pair<const Object*, std::int64_t>> failing;
  for (const auto& each : *issuers) {
    const Object* issuer = each.if_object();
    if (issuer == nullptr) continue;
    const auto failures = codec::json::integer_of(*issuer, "failures_in_row").value_or(0);
    if (failures > 0) failing.emplace_back(issuer, failures);
  }
  fields.add("issuers", fmt::format("{} asked for their keys; {}", issuers->size(),
                                    failing.empty() ? "all answer"
                                                    : fmt::format("{} failing", failing.size())));
  for (const auto& [issuer, failures] : failing) add_failing(*issuer, failures, fields);
}

}  // namespace vitrine::cli
