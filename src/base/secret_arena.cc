#include "base/secret_arena.h"

#include <sys/mman.h>

#include <atomic>
#include <cerrno>
#include <new>
#include <system_error>
#include <utility>

#include "base/assert.h"
#include "base/log.h"
#include "base/secret.h"

namespace vitrine {

namespace {

void warn_that_memory_is_not_locked(int error) {
  static std::atomic<bool> warned{false};
  if (warned.exchange(true)) return;
  log::warning("secrets not locked in memory",
               {{"reason", std::generic_category().message(error)},
                {"advice", "raise RLIMIT_MEMLOCK (ulimit -l, LimitMEMLOCK=)"}});
}

}  // namespace

SecretArena& SecretArena::instance() {
  static SecretArena* const arena = new SecretArena;
  return *arena;
}

std::size_t SecretArena::class_of(std::size_t size) {
  std::size_t index = 0;
  while ((kSmallestBlockBytes << index) < size) ++index;
  return index;
}

Byte* SecretArena::map_region(std::size_t size) {
  void* const region =
      ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  VITRINE_ASSERT(region != MAP_FAILED);
  VITRINE_ASSERT(::madvise(region, size, MADV_DONTDUMP) == 0);
  if (::mlock(region, size) != 0) warn_that_memory_is_not_locked(errno);
  return static_cast<Byte*>(region);
}

// Cuts a block off the current chunk. What is left of a chunk that is too short goes to the free
// lists: it is a multiple of the smallest block, and so a sum of blocks.
Byte* SecretArena::carve(std::size_t block_bytes) {
  if (chunk_left_ < block_bytes) {
    for (std::size_t index = kClasses; index-- > 0;) {
      const std::size_t bytes = kSmallestBlockBytes << index;
      for (; chunk_left_ >= bytes; chunk_ += bytes, chunk_left_ -= bytes) {
        free_[index] = new (chunk_) FreeBlock{free_[index]};
      }
    }
    chunk_ = map_region(kChunkBytes);
    chunk_left_ = kChunkBytes;
  }
  chunk_left_ -= block_bytes;
  return std::exchange(chunk_, chunk_ + block_bytes);
}

Byte* SecretArena::allocate(std::size_t size) {
  VITRINE_ASSERT(size > 0);
  if (size > kLargestBlockBytes) return map_region(size);
  const std::size_t index = class_of(size);
  const Lock lock(mutex_);
  if (free_[index] == nullptr) return carve(kSmallestBlockBytes << index);
  FreeBlock* const block = free_[index];
  free_[index] = block->next;
  block->next = nullptr;  // the rest was wiped when it was freed
  return reinterpret_cast<Byte*>(block);
}

void SecretArena::free(Byte* data, std::size_t size) {
  wipe({data, size});
  if (size > kLargestBlockBytes) {
    VITRINE_ASSERT(::munmap(data, size) == 0);
    return;
  }
  const std::size_t index = class_of(size);
  const Lock lock(mutex_);
  free_[index] = new (data) FreeBlock{free_[index]};
}

}  // namespace vitrine
