// What an HTTP/2 connection may cost without asking for anything: frames that carry nothing, and
// streams given up before they were answered ("rapid reset"). Each has an allowance that time and
// answers fill up again. Knows no socket and no nghttp2.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace vitrine::net::http2 {

class Allowance {
 public:
  using Clock = std::chrono::steady_clock;
  Allowance(double most, double per_second) : most_(most), per_second_(per_second), left_(most) {}
  bool spend(Clock::time_point now) {
    const std::chrono::duration<double> since = now - last_;
    last_ = now;
    earn(since.count() * per_second_);
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }
  void earn(double amount) { left_ = std::min(most_, left_ + amount); }

 private:
  double most_;
  double per_second_;
  double left_;
  Clock::time_point last_{};
};

class FloodGuard {
 public:
  using Clock = Allowance::Clock;

  // Sees all bytes that come, before they are understood. false: too many frames of no use.
  bool put(std::string_view bytes, Clock::time_point now);
  // A stream ended before it was answered, whoever ended it. false: too many.
  bool gave_up_stream(Clock::time_point now) { return given_up_.spend(now); }
  // An answer, or a piece of one, went out: window updates for it are to be expected.
  void answered() { idle_frames_.earn(kEarnedPerPiece); }

 private:
  static constexpr double kEarnedPerPiece = 4;
  static constexpr std::size_t kFrameHeaderBytes = 9;  // RFC 9113 4.1

  bool is_of_use() const;

  Allowance idle_frames_{1'000, 100};
  Allowance given_up_{200, 20};
  std::size_t preface_left_ = 24;  // RFC 9113 3.4
  std::array<std::uint8_t, kFrameHeaderBytes> header_{};
  std::size_t header_bytes_ = 0;
  std::size_t payload_left_ = 0;
};

}  // namespace vitrine::net::http2
