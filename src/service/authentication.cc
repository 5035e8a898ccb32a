#include "service/authentication.h"

#include "base/assert.h"
#include "base/log.h"

namespace vitrine::service {
namespace {

using governance::AuthPolicy;

using Tried = std::optional<Result<CallerRef>>;

Result<CallerRef> by_certificate(const Exchange& exchange, AuthPolicy policy) {
  VITRINE_TRY(auto caller, governance::authenticate_certificate(exchange.governance(), policy,
                                                                exchange.request.client_certificate,
                                                                exchange.core.now()));
  return std::make_shared<const governance::Caller>(std::move(caller));
}

// nullopt: only a signature can tell, and `cheaply` asks for none.
Tried try_policy(const Exchange& exchange, AuthPolicy policy, bool cheaply) {
  switch (policy) {
    case AuthPolicy::user_cert:
    case AuthPolicy::member_cert:
      return by_certificate(exchange, policy);
    case AuthPolicy::jwt: {
      governance::TokenCache& tokens = exchange.core.tokens();
      const Digest& digest = exchange.view->state.governance_ref.digest;
      const auto header = net::find_header(exchange.request.headers, "authorization");
      const Time now = exchange.core.now();
      if (cheaply) return tokens.recall(exchange.governance(), digest, header, now);
      return tokens.authenticate(exchange.governance(), digest, header, now);
    }
    case AuthPolicy::user_cose_sign1:
      break;
  }
  return denied("This endpoint does not read signed requests");
}

std::optional<Authenticated> try_policies(const Exchange& exchange, std::string_view endpoint,
                                          bool cheaply) {
  const auto& endpoints = exchange.governance().settings.endpoints;
  const auto policies = endpoints.find(endpoint);
  if (policies == endpoints.end()) {  // an absent policy denies
    return tl::unexpected<net::Response>(framework_error(
        403, "AuthorizationFailed", "This endpoint is closed by the service's governance."));
  }
  if (policies->second.empty()) return CallerRef();
  std::vector<Detail> details;
  for (const AuthPolicy policy : policies->second) {
    Tried tried = try_policy(exchange, policy, cheaply);
    if (!tried) return std::nullopt;
    if (*tried) return **std::move(tried);
    details.push_back({policy, tried->error().message});
  }
  log::info("caller refused",
            {{"endpoint", std::string(endpoint)}, {"reason", details.back().message}});
  return tl::unexpected<net::Response>(unauthorized(details));
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
  net::Response response = unauthenticated(std::move(list));
  if (!details.empty() && details.back().policy == AuthPolicy::jwt) {
    add_header(response, "www-authenticate",
               "Bearer realm=\"JWT bearer token access\", error=\"invalid_token\"");
  } else if (!details.empty() && details.back().policy == AuthPolicy::user_cose_sign1) {
    add_header(response, "www-authenticate", "COSE-SIGN1 realm=\"Signed request access\"");
  }
  return response;
}

Authenticated authenticate(const Exchange& exchange, std::string_view endpoint) {
  auto tried = try_policies(exchange, endpoint, /*cheaply=*/false);
  VITRINE_ASSERT(tried.has_value());
  return *std::move(tried);
}

std::optional<Authenticated> recognise(const Exchange& exchange, std::string_view endpoint) {
  return try_policies(exchange, endpoint, /*cheaply=*/true);
}

tl::expected<void, net::Response> check_identity(const Exchange& exchange) {
  if (exchange.caller == nullptr) return {};
  const auto checked = governance::check_identity(exchange.governance(), *exchange.caller);
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
  log::info("identity refused", {{"reason", checked.error.message}});
  net::Response response = failure(status);
  add_reason(response, checked.error.message);
  return tl::unexpected<net::Response>(std::move(response));
}

bool still_admitted(const Exchange& exchange, const std::shared_ptr<const core::View>& view) {
  if (view->state.governance_ref.digest == exchange.view->state.governance_ref.digest) return true;
  Exchange moved = exchange;
  moved.view = view;
  auto caller = authenticate(moved, moved.path.substr(1));  // lists are named as their paths
  if (!caller) return false;
  moved.caller = *std::move(caller);
  return check_identity(moved).has_value();
}

}  // namespace vitrine::service
