#include "core/vault.h"

#include "ledger/seal.h"

namespace vitrine::core {

Result<std::shared_ptr<const SecretBytes>> Vault::private_key(const KeyRecord& key) {
  {
    const Lock lock(mutex_);
    if (const auto found = opened_.find(key.index); found != opened_.end()) {
      by_use_.splice(by_use_.begin(), by_use_, found->second.place);
      return found->second.key;
    }
  }
  VITRINE_TRY(const storage::Record record, store_.read_one(key.index));
  const auto secrets = secrets_.now();
  auto opened = ledger::open(secrets->ledger, secrets->service_id, ledger::Kind::key_created,
                             key.item.public_key, key.sealed, record.sealed);
  if (!opened) {
    return internal("private key of " + key.item.kid + ", entry " + ledger::to_text(key.id) + ": " +
                        opened.error().message,
                    "the store is damaged; check " + store_.describe());
  }
  auto shared = std::make_shared<const SecretBytes>(*std::move(opened));
  const Lock lock(mutex_);
  if (opened_.find(key.index) == opened_.end()) {
    by_use_.push_front(key.index);
    opened_.emplace(key.index, Opened{shared, by_use_.begin()});
    if (by_use_.size() > kKeysMax) {
      opened_.erase(by_use_.back());
      by_use_.pop_back();
    }
  }
  return shared;
}

}  // namespace vitrine::core
