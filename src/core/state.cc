#include "core/state.h"

namespace vitrine::core {

std::shared_ptr<const KeyRecord> KeyTable::find(std::string_view kid) const {
  const auto found = by_kid.find(kid);
  return found == by_kid.end() ? nullptr : found->second;
}

std::shared_ptr<const KeyRecord> KeyTable::newest_sound(const governance::State& governance) const {
  for (auto key = in_order.rbegin(); key != in_order.rend(); ++key) {
    if (!governance.compromised_keys.contains((*key)->item.kid)) return *key;
  }
  return nullptr;
}

std::shared_ptr<const KeyRecord> KeyTable::newest_exposed(const governance::State& governance,
                                                          Time now) const {
  const auto& rotation = governance.rotation_policy;
  if (!rotation) return newest_sound(governance);
  for (auto key = in_order.rbegin(); key != in_order.rend(); ++key) {
    if (rotation->exposed((*key)->item.created, now) &&
        !governance.compromised_keys.contains((*key)->item.kid)) {
      return *key;
    }
  }
  return newest_sound(governance);
}

std::shared_ptr<const KeyRecord> KeyTable::find_ohttp(std::uint64_t ohttp_id) const {
  for (auto key = in_order.rbegin(); key != in_order.rend(); ++key) {
    if (keys::ohttp_key_id((*key)->item.id) == ohttp_id) return *key;
  }
  return nullptr;
}

}  // namespace vitrine::core
