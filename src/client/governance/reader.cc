#include "client/governance/reader.h"

namespace vitrine::client {

Result<Answer> CurrentReader::fetch(Source source) {
  GovernanceApi api(service_);
  switch (source) {
    case Source::release_policy:
      return service_.policy(PolicyKind::release);
    case Source::jwt_validation_policy:
      return service_.policy(PolicyKind::jwt);
    case Source::rotation_policy:
      return service_.policy(PolicyKind::rotation);
    case Source::settings_policy:
      return service_.policy(PolicyKind::settings);
    case Source::info:
      return api.info();
    case Source::members:
      return api.members();
    case Source::users:
      return api.users();
    case Source::nodes:
      return api.nodes();
    case Source::join_policy:
      return api.join_policy();
    case Source::jwk:
      return api.jwk();
    case Source::constitution:
      return api.constitution();
  }
  return internal("no such source");
}

Result<codec::json::Value> CurrentReader::read(Source source) {
  const auto kept = kept_.find(source);
  if (kept != kept_.end()) return kept->second;
  const auto answer = fetch(source);
  Result<codec::json::Value> value = codec::json::Value();
  if (answer) {
    value = answer->body;
  } else if (answer.error().code != Code::not_found) {
    value = tl::unexpected<Error>(answer.error());
  }
  kept_.emplace(source, value);
  return value;
}

}  // namespace vitrine::client
