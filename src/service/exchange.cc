#include "service/exchange.h"

#include "base/clock.h"
#include "base/text.h"

namespace vitrine::service {
namespace {

constexpr std::size_t kHeaderTextMax = 512;
constexpr std::size_t kRequestIdMax = 128;

net::Response json_response(int status, std::string body) {
  net::Response response;
  response.status = status;
  response.headers.emplace_back("content-type", "application/json");
  response.body = std::move(body);
  return response;
}

}  // namespace

Exchange::Exchange(core::Core& core_in, Metrics& metrics_in, PublicTexts& texts_in,
                   const net::Request& request_in, const net::Target& target_in,
                   std::string_view path_in)
    : core(core_in),
      metrics(metrics_in),
      texts(texts_in),
      view(core_in.view()),
      request(request_in),
      target(target_in),
      path(path_in) {}

std::string_view Exchange::parameter(std::string_view name) const {
  for (const auto& [known, value] : parameters) {
    if (known == name) return value;
  }
  return {};
}

const codec::json::Object* Exchange::body() {
  if (!read_) {
    read_ = true;
    if (auto value = codec::json::parse(request.body); value && value->is_object())
      parsed_ = *std::move(value);
  }
  return parsed_ ? &parsed_->get_object() : nullptr;
}

net::Response ok(const Exchange& exchange, const codec::json::Value& body) {
  return ok(exchange, codec::json::write(body), exchange.view->state.last_id());
}

net::Response ok(const Exchange&, std::string json_text, ledger::TransactionId id) {
  net::Response response = json_response(200, std::move(json_text));
  response.headers.emplace_back("x-ms-ccf-transaction-id", ledger::to_text(id));
  return response;
}

net::Response ok_as(std::string_view content_type, const Exchange& exchange, std::string body) {
  net::Response response;
  if (!content_type.empty()) add_header(response, "content-type", content_type);
  add_header(response, "x-ms-ccf-transaction-id", ledger::to_text(exchange.view->state.last_id()));
  response.body = std::move(body);
  return response;
}

net::Response no_content() {
  net::Response response;
  response.status = 204;
  return response;
}

net::Response no_content(ledger::TransactionId id) {
  net::Response response = no_content();
  response.headers.emplace_back("x-ms-ccf-transaction-id", ledger::to_text(id));
  return response;
}

net::Response failure(int status) {
  net::Response response;
  response.status = status;
  return response;
}

net::Response unavailable_for(std::chrono::seconds retry_after) {
  net::Response response = failure(503);
  add_header(response, "retry-after",
             std::to_string(std::max<std::int64_t>(1, retry_after.count())));
  return response;
}

net::Response framework_error(int status, std::string_view code, std::string_view message) {
  codec::json::Object error;
  error["code"] = code;
  error["message"] = message;
  codec::json::Object body;
  body["error"] = std::move(error);
  return json_response(status, codec::json::write(body));
}

net::Response unauthenticated(codec::json::Array details) {
  codec::json::Object error;
  error["code"] = "InvalidAuthenticationInfo";
  error["details"] = std::move(details);
  error["message"] = "Invalid authentication credentials.";
  codec::json::Object body;
  body["error"] = std::move(error);
  return json_response(401, codec::json::write(body));
}

void add_header(net::Response& response, std::string_view name, std::string_view value) {
  response.headers.emplace_back(name, value);
}

void add_text_header(net::Response& response, std::string_view name, std::string_view value) {
  add_header(response, name, printable_ascii(value, kHeaderTextMax));
}

void add_cache_headers(net::Response& response) {
  add_header(response, "cache-control", "max-age=254838");
  add_header(response, "date", to_http_date(SystemClock().now()));
}

void add_reason(net::Response& response, std::string_view reason) {
  if (!reason.empty())
    add_header(response, "x-vitrine-reason",
               printable_ascii(reason, limits::kReasonHeaderBytesMax));
}

std::string request_id_of(const net::Request& request, Time now) {
  for (const std::string_view name :
       {"x-ms-kms-request-id", "x-ms-request-id", "x-request-id", "request-id", "requestid"}) {
    if (const auto value = net::find_header(request.headers, name))
      return printable_ascii(*value, kRequestIdMax);
  }
  return std::to_string(to_unix_ms(now));
}

}  // namespace vitrine::service
