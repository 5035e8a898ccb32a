#include "base/secret.h"

#include <algorithm>
#include <utility>

#include "base/secret_arena.h"

namespace vitrine {

SecretBytes::SecretBytes(std::size_t size)
    : data_(size == 0 ? nullptr : SecretArena::instance().allocate(size)), size_(size) {}

SecretBytes SecretBytes::copy_of(ByteView bytes) {
  SecretBytes copy(bytes.size());
  std::copy(bytes.begin(), bytes.end(), copy.data_);
  return copy;
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  SecretBytes taken(std::move(other));
  std::swap(data_, taken.data_);
  std::swap(size_, taken.size_);
  return *this;  // what this held before is wiped now, not when `other` goes
}

SecretBytes::~SecretBytes() {
  if (data_ != nullptr) SecretArena::instance().free(data_, size_);
}

bool equal_in_constant_time(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  // volatile, so that the compiler can't end the loop early.
  volatile Byte difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<Byte>(difference | (a[i] ^ b[i]));
  }
  return difference == 0;
}

void wipe(std::span<Byte> bytes) {
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

void wipe(std::string& text) {
  // Up to the capacity: a string that was cut short still holds its old end.
  text.resize(text.capacity());
  ::explicit_bzero(text.data(), text.size());
  text.clear();
}

}  // namespace vitrine
