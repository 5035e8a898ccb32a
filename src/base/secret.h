// SecretBytes: memory for secrets. Locked, left out of core dumps, wiped when destroyed, of fixed
// size, move-only. It does not print, convert or compare with ==. Its bytes are reached through
// reveal(), a word to grep for in review.
#pragma once

#include <cstddef>
#include <span>

#include "base/bytes.h"

namespace vitrine {

class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::size_t size);  // zero bytes
  static SecretBytes copy_of(ByteView bytes);
  SecretBytes(SecretBytes&& other) noexcept;
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  ~SecretBytes();

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  ByteView reveal() const { return {data_, size_}; }
  std::span<Byte> reveal_writable() { return {data_, size_}; }
  SecretBytes clone() const { return copy_of(reveal()); }

 private:
  Byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// Time depends on the sizes alone.
bool equal_in_constant_time(ByteView a, ByteView b);
// Overwrites memory in a way the compiler keeps.
void wipe(std::span<Byte> bytes);
void wipe(std::string& text);

}  // namespace vitrine
