#include "service/gov_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "service/exchange.h"

namespace vitrine::service {
namespace {

constexpr std::array<std::string_view, 2> kVersions = {"2024-07-01", "2023-06-01-preview"};
constexpr std::size_t kIdDigits = 64;

std::string_view policy_of(governance::Signers signers) {
  switch (signers) {
    case governance::Signers::members:
      return "member_cose_sign1";
    case governance::Signers::active_members:
      return "active_member_cose_sign1";
    case governance::Signers::proposers:
      break;
  }
  return "user_cose_sign1";
}

}  // namespace

std::optional<net::Response> check_api_version(const net::Target& target) {
  const auto version = target.find("api-version");
  if (version && std::find(kVersions.begin(), kVersions.end(), *version) != kVersions.end())
    return {};
  const std::string served = fmt::format("Supported: {}.", fmt::join(kVersions, ", "));
  if (!version) {
    return framework_error(400, "MissingApiVersionParameter",
                           "The query parameter api-version is required here. " + served);
  }
  return framework_error(
      400, "UnsupportedApiVersionValue",
      fmt::format("The api-version '{}' is not supported. {}", *version, served));
}

std::optional<net::Response> check_id(std::string_view name, std::string_view id) {
  if (id.size() == kIdDigits &&
      id.find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos) {
    return {};
  }
  return framework_error(400, "InvalidResourceName",
                         fmt::format("{} in the path is not {} hex digits.", name, kIdDigits));
}

std::optional<net::Response> check_cose_content(const net::Request& request,
                                                governance::Signers signers) {
  const auto content_type = net::find_header(request.headers, "content-type");
  if (content_type == "application/cose") return {};
  return signature_refused(signers, content_type ? "Content type is not set to application/cose"
                                                 : "Missing content-type header");
}

net::Response signature_refused(governance::Signers signers, std::string_view message) {
  codec::json::Object detail;
  detail["auth_policy"] = policy_of(signers);
  detail["code"] = "InvalidAuthenticationInfo";
  detail["message"] = message;
  net::Response response = unauthenticated({std::move(detail)});
  add_header(response, "www-authenticate", "COSE-SIGN1 realm=\"Signed request access\"");
  return response;
}

}  // namespace vitrine::service
