#include "client/answer.h"

#include <fmt/format.h>

#include <array>
#include <optional>

#include "base/text.h"

namespace vitrine::client {
namespace {

using codec::json::Object;

// What a server sent may be shown on a terminal only in printable ASCII.
std::string printable(std::string_view text, std::size_t size_max = 1024) {
  return printable_ascii(text, size_max);
}

std::string header(const net::Response& response, std::string_view name) {
  const auto value = net::find_header(response.headers, name);
  return value ? printable(*value) : std::string();
}

// {"error":{"code","message","details":[{"message"}…]}} (ccf.md 6); empty where it is not one.
std::string framework_reason(const std::string& body) {
  const auto parsed = codec::json::parse_object(body);
  if (!parsed) return {};
  const Object* error = codec::json::object_of(*parsed, "error");
  if (error == nullptr) return {};
  std::string reason = printable(codec::json::text_of(*error, "code").value_or("error"));
  if (const auto message = codec::json::text_of(*error, "message")) {
    reason += ": " + printable(*message);
  }
  const codec::json::Array* details = codec::json::array_of(*error, "details");
  if (details == nullptr) return reason;
  std::string separator = " (";
  for (const auto& detail : *details) {
    if (!detail.is_object()) continue;
    const auto message = codec::json::text_of(detail.get_object(), "message");
    if (!message) continue;
    const auto tried = codec::json::text_of(detail.get_object(), "auth_policy");
    reason += separator + (tried ? printable(*tried, 64) + ": " : "") + printable(*message);
    separator = "; ";
  }
  if (separator == "; ") reason += ")";
  return reason;
}

// The contract's failures have empty bodies; headers carry the diagnosis (kms-api.md 2.7).
std::string kms_reason(const net::Response& response) {
  std::string reason = header(response, "x-ms-kms-error-code");
  if (const auto details = header(response, "x-ms-kms-error-details"); !details.empty()) {
    reason += (reason.empty() ? "" : " (") + details + (reason.empty() ? "" : ")");
  }
  if (const auto why = header(response, "x-vitrine-reason"); !why.empty()) {
    reason += (reason.empty() ? "" : ": ") + why;
  }
  return reason;
}

// What /unwrapKey's error codes mean, whatever status a deployment sends with them: "we looked at
// your evidence, and no" comes with 400 from some and with 500 from others.
std::optional<Code> code_of_error_code(std::string_view error_code) {
  static constexpr std::array<std::string_view, 4> kRefusals = {
      "ATTESTATION_VALIDATION_FAILED", "ATTESTATION_VALIDATION_EXCEPTION",
      "WRAPPING_KEY_HASH_MISMATCH", "WRAPPING_KEY_ERROR"};
  for (const auto refusal : kRefusals) {
    if (error_code == refusal) return Code::denied;
  }
  if (error_code == "WRAP_KEY_EXCEPTION") return Code::malformed;  // the wrapping key is too small
  return std::nullopt;
}

Code code_of(const net::Response& response) {
  if (const auto code = code_of_error_code(header(response, "x-ms-kms-error-code"))) return *code;
  switch (response.status) {
    case 400:
    case 405:
    case 413:
    case 431:
      return Code::malformed;
    case 401:
    case 403:
      return Code::denied;
    case 404:
      return Code::not_found;
    case 409:
    case 410:
      return Code::conflict;
    case 202:
    case 408:
    case 429:
    case 503:
    case 504:
      return Code::unavailable;
    default:
      return Code::internal;
  }
}

std::string hint_of(const net::Response& response) {
  const auto seconds = header(response, "retry-after");
  return seconds.empty() ? "" : "try again in " + printable(seconds, 16) + " s";
}

}  // namespace

Result<Answer> read_answer(std::string_view attempted, const net::Response& response) {
  const bool success = response.status >= 200 && response.status < 300 && response.status != 202;
  if (!success) {
    std::string reason = framework_reason(response.body);
    if (reason.empty()) reason = kms_reason(response);
    if (reason.empty()) {
      reason = response.status == 202 ? "not available yet" : "no reason was given";
    }
    return fail(code_of(response),
                fmt::format("{}: the service answered {}: {}", attempted, response.status, reason),
                hint_of(response));
  }
  Answer answer;
  answer.status = response.status;
  answer.dev = header(response, "x-vitrine-dev") == "1";
  answer.transaction_id = header(response, "x-ms-ccf-transaction-id");
  if (response.body.empty()) return answer;
  auto body = codec::json::parse(response.body);
  if (!body) {
    return internal(fmt::format("{}: the service's answer is not JSON: {}", attempted,
                                printable(body.error().message)));
  }
  answer.body = std::move(*body);
  return answer;
}

}  // namespace vitrine::client
