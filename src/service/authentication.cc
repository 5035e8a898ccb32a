#include "service/authentication.h"

#include "base/log.h"

namespace vitrine::service {
namespace {

using governance::AuthPolicy;

Result<CallerRef> try_policy(const Exchange& exchange, AuthPolicy policy) {
  switch (policy) {
    case AuthPolicy::user_cert:
    case AuthPolicy::member_cert: {
      VITRINE_TRY(auto caller, governance::authenticate_certificate(
                                   exchange.governance(), policy,
                                   exchange.request.client_certificate, exchange.core.now()));
      return std::make_shared<const governance::Caller>(std::move(caller));
    }
    case AuthPolicy::jwt:
      return exchange.core.tokens().authenticate(
          exchange.governance(), exchange.view->state.governance_ref.digest,
          net::find_header(exchange.request.headers, "authorization"), exchange.core.now());
    case AuthPolicy::user_cose_sign1:
      break;
  }
  return denied("This endpoint does not read signed requests");
}

}  // namespace

net::Response unauthorized(const std::vector<Detail>& details) {
  codec::json::Array list;
  for (const Detail& detail : details) {
    codec::json::Object entry;
    entry["auth_policy"] = governance::name_of(detail.policy);
    entry["code"] = "InvalidAuthenticationInfo";
    entry["message"] = detail.message;
    list.push_back(std::move(entry));
  }
  codec::json::Object error;
  error["code"] = "InvalidAuthenticationInfo";
  error["details"] = std::move(list);
  error["message"] = "Invalid authentication credentials.";
  codec::json::Object body;
  body["error"] = std::move(error);

  net::Response response;
  response.status = 401;
  add_header(response, "content-type", "application/json");
  if (!details.empty() && details.back().policy == AuthPolicy::jwt) {
    add_header(response, "www-authenticate",
               "Bearer realm=\"JWT bearer token access\", error=\"invalid_token\"");
  } else if (!details.empty() && details.back().policy == AuthPolicy::user_cose_sign1) {
    add_header(response, "www-authenticate", "COSE-SIGN1 realm=\"Signed request access\"");
  }
  response.body = codec::json::write(body);
  return response;
}

tl::expected<CallerRef, net::Response> authenticate(const Exchange& exchange,
                                                    std::string_view endpoint) {
  const auto& endpoints = exchange.governance().settings.endpoints;
  const auto policies = endpoints.find(endpoint);
  if (policies == endpoints.end()) {  // an absent policy denies
    return tl::unexpected<net::Response>(framework_error(
        403, "AuthorizationFailed", "This endpoint is closed by the service's governance."));
  }
  if (policies->second.empty()) return CallerRef();
  std::vector<Detail> details;
  for (const AuthPolicy policy : policies->second) {
    auto caller = try_policy(exchange, policy);
    if (caller) return *std::move(caller);
    details.push_back({policy, caller.error().message});
  }
  log::info("caller refused", {{"request", exchange.request_id},
                               {"endpoint", std::string(endpoint)},
                               {"reason", details.back().message}});
  return tl::unexpected<net::Response>(unauthorized(details));
}

tl::expected<void, net::Response> check_identity(const Exchange& exchange,
                                                 const CallerRef& caller) {
  if (caller == nullptr) return {};
  const auto checked = governance::check_identity(exchange.governance(), *caller);
  int status = 200;
  switch (checked.outcome) {
    case governance::IdentityCheck::ok:
      return {};
    case governance::IdentityCheck::bad_request:
      status = 400;
      break;
    case governance::IdentityCheck::unauthorized:
      status = 401;
      break;
    case governance::IdentityCheck::no_policy:
      status = 500;
      break;
  }
  log::info("identity refused",
            {{"request", exchange.request_id}, {"reason", checked.error.message}});
  net::Response response = failure(status);
  add_reason(response, checked.error.message);
  return tl::unexpected<net::Response>(std::move(response));
}

}  // namespace vitrine::service
