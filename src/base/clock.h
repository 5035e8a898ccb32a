// Time is an input: it comes in by constructor, and tests move it.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>

#include "base/result.h"

namespace vitrine {

// Milliseconds since the epoch.
using Time = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override;
};

inline std::int64_t to_unix_ms(Time time) { return time.time_since_epoch().count(); }
inline std::int64_t to_unix_seconds(Time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time.time_since_epoch()).count();
}
inline Time from_unix_ms(std::int64_t ms) { return Time(std::chrono::milliseconds(ms)); }
// Seconds that outside text claims may be any number: what milliseconds can't hold becomes the
// nearest that they can.
inline Time from_unix_seconds(std::int64_t s) {
  constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 1000;
  return Time(std::chrono::milliseconds(std::clamp(s, -kMax, kMax) * 1000));
}

std::string to_rfc3339(Time time);    // 2026-11-24T13:20:00Z; parts of a second are cut
std::string to_http_date(Time time);  // Sun, 06 Nov 1994 08:49:37 GMT (RFC 9110 5.6.7)
// Upper-case T, then Z or an offset; a fraction of up to nine digits is cut to milliseconds.
// malformed: anything else, days that don't exist, leap seconds.
Result<Time> from_rfc3339(std::string_view text);

}  // namespace vitrine
