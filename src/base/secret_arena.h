// Where the bytes of SecretBytes live: memory that is locked (mlock) and left out of core dumps
// (MADV_DONTDUMP), in chunks that the process keeps. Blocks have sizes of powers of two and are
// reused through a free list per size; a large request gets a mapping of its own. Safe from any
// thread. Where RLIMIT_MEMLOCK forbids locking, one warning is logged and the memory is used
// unlocked: whether to swap is the host's choice, a process that can't start helps nobody.
#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.h"
#include "base/mutex.h"

namespace vitrine {

class SecretArena {
 public:
  static SecretArena& instance();  // never destroyed: secrets of static life may outlast main

  // `size` zero bytes, size > 0. Ends the process if there is no memory.
  Byte* allocate(std::size_t size);
  // Wipes and takes back what allocate(size) gave.
  void free(Byte* data, std::size_t size);

 private:
  static constexpr std::size_t kChunkBytes = 256 * 1024;
  static constexpr std::size_t kSmallestBlockBytes = 32;
  static constexpr std::size_t kClasses = 10;  // 32 bytes to 16 KiB
  static constexpr std::size_t kLargestBlockBytes = kSmallestBlockBytes << (kClasses - 1);

  // Lies in a block that is free.
  struct FreeBlock {
    FreeBlock* next;
  };

  static std::size_t class_of(std::size_t size);
  static Byte* map_region(std::size_t size);
  Byte* carve(std::size_t block_bytes) VITRINE_REQUIRES(mutex_);

  Mutex mutex_;
  std::array<FreeBlock*, kClasses> free_ VITRINE_GUARDED_BY(mutex_){};
  Byte* chunk_ VITRINE_GUARDED_BY(mutex_) = nullptr;
  std::size_t chunk_left_ VITRINE_GUARDED_BY(mutex_) = 0;
};

}  // namespace vitrine
