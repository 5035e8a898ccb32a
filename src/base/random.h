// Randomness is an input too: it comes in by constructor. Keys are made by crypto, not from this.
#pragma once

#include <span>

#include "base/bytes.h"

namespace vitrine {

class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(std::span<Byte> out) = 0;  // safe from any thread
};

class SystemRandom final : public Random {
 public:
  void fill(
      std::span<Byte> out) override;  // getrandom(2); a kernel that can't deliver ends the process
};

template <std::size_t N>
std::array<Byte, N> random_array(Random& random) {
  std::array<Byte, N> out;
  random.fill(out);
  return out;
}

}  // namespace vitrine
