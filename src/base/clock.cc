#include "base/clock.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace vitrine {

namespace {

using std::chrono::floor;
using std::chrono::milliseconds;

// The years that four digits can write; other times are shown as the nearest of these.
constexpr std::int64_t kFirstMs = -62'167'219'200'000;  // 0000-01-01T00:00:00Z
constexpr std::int64_t kLastMs = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z

struct Civil {
  int year;
  unsigned month, day, weekday;
  long hour, minute, second;
};

Civil civil_of(Time time) {
  const auto shown = from_unix_ms(std::clamp(to_unix_ms(time), kFirstMs, kLastMs));
  const auto day = floor<std::chrono::days>(shown);
  const std::chrono::year_month_day date{day};
  const long second_of_day = static_cast<long>(floor<std::chrono::seconds>(shown - day).count());
  return {static_cast<int>(date.year()),
          static_cast<unsigned>(date.month()),
          static_cast<unsigned>(date.day()),
          std::chrono::weekday{day}.c_encoding(),
          second_of_day / 3600,
          second_of_day / 60 % 60,
          second_of_day % 60};
}

// Reads a time text field by field; `good` turns false at the first thing that is not as it must
// be.
class FieldReader {
 public:
  explicit FieldReader(std::string_view text) : rest_(text) {}

  // Exactly `digits` decimal digits, of a value in [low, high].
  int number(std::size_t digits, int low, int high) {
    int value = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9') return fail();
      value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    if (value < low || value > high) return fail();
    return value;
  }
  bool skip(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!skip(c)) good = false;
  }
  // One to nine digits after the point; below a millisecond they are dropped.
  int milliseconds_of_fraction() {
    int value = 0;
    std::size_t digits = 0;
    while (digits < 10 && !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      if (digits < 3) value = value * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
      ++digits;
    }
    if (digits == 0 || digits > 9) return fail();
    for (; digits < 3; ++digits) value *= 10;
    return value;
  }
  bool at_end() const { return rest_.empty(); }

  bool good = true;

 private:
  int fail() {
    good = false;
    return 0;
  }
  std::string_view rest_;
};

// "Z", or the minutes that "+hh:mm" is ahead of UTC.
int read_offset(FieldReader& reader) {
  if (reader.skip('Z')) return 0;
  const bool behind = reader.skip('-');
  if (!behind) reader.expect('+');
  const int hours = reader.number(2, 0, 23);
  reader.expect(':');
  const int minutes = hours * 60 + reader.number(2, 0, 59);
  return behind ? -minutes : minutes;
}

}  // namespace

Time SystemClock::now() const {
  return std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
}

std::string to_rfc3339(Time time) {
  const Civil t = civil_of(time);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.year, t.month, t.day, t.hour,
                     t.minute, t.second);
}

std::string to_http_date(Time time) {
  static constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const Civil t = civil_of(time);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", kDays[t.weekday], t.day,
                     kMonths[t.month - 1], t.year, t.hour, t.minute, t.second);
}

Result<Time> from_rfc3339(std::string_view text) {
  FieldReader reader(text);
  const int year = reader.number(4, 0, 9999);
  reader.expect('-');
  const int month = reader.number(2, 1, 12);
  reader.expect('-');
  const int day = reader.number(2, 1, 31);
  reader.expect('T');
  const int hour = reader.number(2, 0, 23);
  reader.expect(':');
  const int minute = reader.number(2, 0, 59);
  reader.expect(':');
  const int second = reader.number(2, 0, 59);  // a leap second has no place on our time line
  const int ms = reader.skip('.') ? reader.milliseconds_of_fraction() : 0;
  const int offset_minutes = read_offset(reader);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!reader.good || !reader.at_end() || !date.ok()) {
    return malformed("time: not in the form 2026-11-24T13:20:00Z (RFC 3339)");
  }
  return Time(std::chrono::sys_days{date}.time_since_epoch()) + std::chrono::hours(hour) +
         std::chrono::minutes(minute - offset_minutes) + std::chrono::seconds(second) +
         milliseconds(ms);
}

}  // namespace vitrine
