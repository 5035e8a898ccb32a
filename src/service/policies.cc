// The four policy GETs (kms-api.md 2.8).
#include "service/authentication.h"
#include "service/routes.h"

namespace vitrine::service {
namespace {

// Checks the caller once more, then answers with what `read` gives.
template <class Read>
net::Response guarded(Exchange& exchange, Read read) {
  if (const auto checked = check_identity(exchange); !checked) return checked.error();
  return read(exchange.governance());
}

}  // namespace

net::Response get_key_release_policy(Exchange& exchange) {
  return guarded(exchange, [&](const governance::State& governance) {
    return governance.release_policy ? ok(exchange, governance.release_policy->to_json())
                                     : failure(500);
  });
}

net::Response get_settings_policy(Exchange& exchange) {
  return guarded(exchange, [&](const governance::State& governance) {
    return ok(exchange, governance.settings_policy ? governance.settings_policy->stored
                                                   : policy::SettingsPolicy::defaults().stored);
  });
}

net::Response get_key_rotation_policy(Exchange& exchange) {
  return guarded(exchange, [&](const governance::State& governance) {
    return governance.rotation_policy ? ok(exchange, governance.rotation_policy->stored)
                                      : failure(404);
  });
}

net::Response get_jwt_validation_policy(Exchange& exchange) {
  return guarded(exchange, [&](const governance::State& governance) {
    codec::json::Object body;
    for (const auto& [issuer, validation_policy] : governance.jwt_validation_policies)
      body[issuer] = validation_policy;
    return ok(exchange, body);
  });
}

}  // namespace vitrine::service
