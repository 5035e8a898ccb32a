#include "net/admission.h"

#include <algorithm>

namespace vitrine::net {

AddressKey key_of_ipv4(const std::array<unsigned char, 4>& address) {
  AddressKey key{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  std::copy(address.begin(), address.end(), key.begin() + 12);
  return key;
}

AddressKey key_of_ipv6(const std::array<unsigned char, 16>& address) {
  static constexpr AddressKey kMapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(address.begin(), address.begin() + 12, kMapped.begin())) return address;
  AddressKey key{};
  std::copy(address.begin(), address.begin() + 8, key.begin());
  return key;
}

Admission::Verdict Admission::try_add(const AddressKey& key) {
  const Lock lock(mutex_);
  if (count_ >= max_) return Verdict::all_full;
  auto& of_address = by_address_[key];
  if (of_address >= per_address_max_) return Verdict::address_full;
  ++of_address;
  ++count_;
  return Verdict::admitted;
}

void Admission::add(const AddressKey& key) {
  const Lock lock(mutex_);
  ++by_address_[key];
  ++count_;
}

void Admission::remove(const AddressKey& key) {
  const Lock lock(mutex_);
  const auto of_address = by_address_.find(key);
  if (--of_address->second == 0) by_address_.erase(of_address);
  if (--count_ == 0) none_.notify_all();
}

void Admission::set_bounds(std::size_t max, std::size_t per_address_max) {
  const Lock lock(mutex_);
  max_ = max;
  per_address_max_ = per_address_max;
}

std::size_t Admission::count() const {
  const Lock lock(mutex_);
  return count_;
}

void Admission::wait_until_none(std::chrono::steady_clock::time_point deadline) {
  const Lock lock(mutex_);
  while (count_ != 0) {
    if (none_.wait_until(mutex_, deadline) == std::cv_status::timeout) return;
  }
}

}  // namespace vitrine::net
