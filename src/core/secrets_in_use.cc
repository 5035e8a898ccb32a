#include "core/secrets_in_use.h"

#include <utility>

namespace vitrine::core {
namespace {

bool follows(const ServiceSecrets& secrets, const State& state) {
  return secrets.ledger.current_version() == state.secret_version &&
         secrets.service_key.public_key() == state.service->certificate.public_key() &&
         secrets.log_key.public_key() == state.service->log_key;
}

}  // namespace

Status follow(ServiceSecrets& secrets, const State& state) {
  VITRINE_TRY(auto service_key, secrets.service_key_of(state.service->certificate.public_key()));
  VITRINE_TRY(auto log_key, secrets.log_key_of(state.service->log_key));
  VITRINE_CHECK(secrets.ledger.put_in_force(state.secret_version));
  // What was the next one is the one now; one that was made and never came into force stays until
  // it is made again.
  if (!(service_key.public_key() == secrets.service_key.public_key()))
    secrets.next_service_key.reset();
  if (!(log_key.public_key() == secrets.log_key.public_key())) secrets.next_log_key.reset();
  secrets.service_key = std::move(service_key);
  secrets.log_key = std::move(log_key);
  return {};
}

SecretsInUse::SecretsInUse(ServiceSecrets secrets)
    : secrets_(std::make_shared<const ServiceSecrets>(std::move(secrets))) {}

std::shared_ptr<const ServiceSecrets> SecretsInUse::now() const {
  const Lock lock(mutex_);
  return secrets_;
}

void SecretsInUse::replace(ServiceSecrets secrets) {
  auto next = std::make_shared<const ServiceSecrets>(std::move(secrets));
  const Lock lock(mutex_);
  secrets_ = std::move(next);
}

Status SecretsInUse::follow(const State& state) {
  const Lock lock(mutex_);
  if (follows(*secrets_, state)) return {};
  ServiceSecrets next = secrets_->clone();
  VITRINE_CHECK(core::follow(next, state));
  secrets_ = std::make_shared<const ServiceSecrets>(std::move(next));
  return {};
}

}  // namespace vitrine::core
