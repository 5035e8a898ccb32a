#include "net/http2_guard.h"

namespace vitrine::net::http2 {
namespace {

constexpr std::uint8_t kData = 0;
constexpr std::uint8_t kHeaders = 1;
constexpr std::uint8_t kEndStream = 1;
// A body in smaller pieces costs more to take apart than it brings.
constexpr std::size_t kUsefulDataBytesMin = 64;

}  // namespace

bool FloodGuard::put(std::string_view bytes, Clock::time_point now) {
  while (!bytes.empty()) {
    if (const auto skipped = std::min(preface_left_ + payload_left_, bytes.size()); skipped > 0) {
      // The preface is over before the first payload begins.
      (preface_left_ > 0 ? preface_left_ : payload_left_) -= skipped;
      bytes.remove_prefix(skipped);
      continue;
    }
    header_[header_bytes_++] = static_cast<std::uint8_t>(bytes.front());
    bytes.remove_prefix(1);
    if (header_bytes_ < kFrameHeaderBytes) continue;
    header_bytes_ = 0;
    payload_left_ = (std::size_t{header_[0]} << 16) | (std::size_t{header_[1]} << 8) | header_[2];
    if (!is_of_use() && !idle_frames_.spend(now)) return false;
  }
  return true;
}

// Whether the frame that begins asks for something or brings something. How many requests there may
// be is bounded elsewhere.
bool FloodGuard::is_of_use() const {
  if (header_[3] == kHeaders) return true;
  if (header_[3] != kData) return false;
  return payload_left_ >= kUsefulDataBytesMin || (header_[4] & kEndStream) != 0;
}

}  // namespace vitrine::net::http2
