// The secrets that a running node holds: an immutable set, replaced as a whole when one is made or
// comes into force. Safe from any thread; who works with a set keeps it for as long.
#pragma once

#include <memory>

#include "base/mutex.h"
#include "core/secrets.h"
#include "core/state.h"

namespace vitrine::core {

// Which of the secrets are in force, as the ledger says. not_found: it names one that is not held.
Status follow(ServiceSecrets& secrets, const State& state);

class SecretsInUse {
 public:
  explicit SecretsInUse(ServiceSecrets secrets);

  std::shared_ptr<const ServiceSecrets> now() const;
  void replace(ServiceSecrets secrets);
  // As the free function, where the state asks for other than now.
  Status follow(const State& state);

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const ServiceSecrets> secrets_ VITRINE_GUARDED_BY(mutex_);
};

}  // namespace vitrine::core
