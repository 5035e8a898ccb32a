#include "core/state.h"

namespace vitrine::core {

std::shared_ptr<const KeyRecord> KeyTable::find(std::string_view kid) const {
  const auto found = by_kid.find(kid);
  return found == by_kid.end() ? nullptr : found->second;
}

std::shared_ptr<const KeyRecord> KeyTable::newest_exposed(
    const std::optional<policy::RotationPolicy>& rotation, Time now) const {
  if (in_order.empty() || !rotation) return newest();
  for (auto key = in_order.rbegin(); key != in_order.rend(); ++key) {
    if (rotation->exposed((*key)->item.created, now)) return *key;
  }
  return newest();
}

std::shared_ptr<const KeyRecord> KeyTable::find_ohttp(std::uint64_t ohttp_id) const {
  for (auto key = in_order.rbegin(); key != in_order.rend(); ++key) {
    if (keys::ohttp_key_id((*key)->item.id) == ohttp_id) return *key;
  }
  return nullptr;
}

}  // namespace vitrine::core
