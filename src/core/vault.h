// Private keys, opened on use from their sealed parts into a bounded cache of locked memory. Safe
// from any thread.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>

#include "base/mutex.h"
#include "base/secret.h"
#include "core/secrets_in_use.h"
#include "core/state.h"
#include "storage/store.h"

namespace vitrine::core {

class Vault {
 public:
  static constexpr std::size_t kKeysMax = 256;

  Vault(const storage::Store& store, const SecretsInUse& secrets)
      : store_(store), secrets_(secrets) {}
  // internal: the sealed part is missing, or is not what the entry commits to.
  Result<std::shared_ptr<const SecretBytes>> private_key(const KeyRecord& key);

 private:
  struct Opened {
    std::shared_ptr<const SecretBytes> key;
    std::list<std::uint64_t>::iterator place;
  };
  const storage::Store& store_;
  const SecretsInUse& secrets_;
  Mutex mutex_;
  std::map<std::uint64_t, Opened> opened_ VITRINE_GUARDED_BY(mutex_);  // by leaf index
  std::list<std::uint64_t> by_use_ VITRINE_GUARDED_BY(mutex_);         // most recently used first
};

}  // namespace vitrine::core
