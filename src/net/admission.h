// Who may connect: how many connections there are in all and from each address. From any thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <map>

#include "base/mutex.h"

namespace vitrine::net {

// Where a connection counts: an IPv4 address as ::ffff:a.b.c.d, the first half of an IPv6 address.
using AddressKey = std::array<unsigned char, 16>;
AddressKey key_of_ipv4(const std::array<unsigned char, 4>& address);
AddressKey key_of_ipv6(const std::array<unsigned char, 16>& address);

class Admission {
 public:
  enum class Verdict { admitted, all_full, address_full };

  Admission(std::size_t max, std::size_t per_address_max)
      : max_(max), per_address_max_(per_address_max) {}

  Verdict try_add(const AddressKey& key);
  void add(const AddressKey& key);  // whatever the bounds say: another one is about to go
  void remove(const AddressKey& key);
  void set_bounds(std::size_t max, std::size_t per_address_max);  // who is there may stay
  std::size_t count() const;
  void wait_until_none(std::chrono::steady_clock::time_point deadline);

 private:
  mutable Mutex mutex_;
  Condition none_;
  std::size_t max_ VITRINE_GUARDED_BY(mutex_);
  std::size_t per_address_max_ VITRINE_GUARDED_BY(mutex_);
  std::size_t count_ VITRINE_GUARDED_BY(mutex_) = 0;
  std::map<AddressKey, std::size_t> by_address_ VITRINE_GUARDED_BY(mutex_);  // none of them 0
};

}  // namespace vitrine::net
