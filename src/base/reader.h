// The one cursor through which untrusted binary is read: it cannot run past the end.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace vitrine {

class Reader {
 public:
  explicit Reader(ByteView bytes) : rest_(bytes) {}

  std::size_t remaining() const { return rest_.size(); }
  bool at_end() const { return rest_.empty(); }
  // Each reads and moves on. malformed: fewer bytes left than asked.
  Result<ByteView> take(std::size_t size);
  Result<std::uint8_t> u8();
  Result<std::uint16_t> u16_le();
  Result<std::uint32_t> u32_le();
  Result<std::uint64_t> u64_le();
  Result<std::uint16_t> u16_be();
  Result<std::uint32_t> u32_be();
  Result<std::uint64_t> u64_be();
  // malformed unless everything was read.
  Status finish() const;

 private:
  ByteView rest_;
};

}  // namespace vitrine
