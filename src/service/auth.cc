#include "service/authentication.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

using codec::json::Object;

Object certificate_caller(const governance::Caller& caller) {
  Object auth;
  auth["policy"] = governance::name_of(caller.policy);
  auth["id"] = caller.id;
  auth["data"] = caller.data;
  auth["cert"] = caller.certificate_pem;
  return auth;
}

Object jwt_caller(const governance::Caller& caller) {
  Object jwt;
  jwt["keyIssuer"] = caller.key_issuer;
  jwt["header"] = caller.jwt_header;
  jwt["payload"] = caller.jwt_payload;
  Object auth;
  auth["policy"] = governance::name_of(caller.policy);
  auth["jwt"] = std::move(jwt);
  return auth;
}

}  // namespace

net::Response get_auth(Exchange& exchange) {
  if (const auto checked = check_identity(exchange); !checked) return checked.error();
  Object body;
  if (exchange.caller == nullptr) {
    body["auth"] = Object{{"policy", "no_auth"}};
  } else {
    const governance::Caller& caller = *exchange.caller;
    body["auth"] = caller.policy == governance::AuthPolicy::jwt ? jwt_caller(caller)
                                                                : certificate_caller(caller);
  }
  return ok(exchange, body);
}

}  // namespace vitrine::service
