#include "crypto/x509_time.h"

#include <fmt/format.h>

#include <chrono>
#include <optional>

#include "base/assert.h"
#include "crypto/der_writer.h"

namespace vitrine::crypto {
namespace {

using std::chrono::days;
using std::chrono::floor;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::year_month_day;

std::optional<int> digits(ByteView& rest, std::size_t count) {
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (rest.empty() || rest.front() < '0' || rest.front() > '9') return std::nullopt;
    value = value * 10 + (rest.front() - '0');
    rest = rest.subspan(1);
  }
  return value;
}

}  // namespace

Result<Time> parse_x509_time(const codec::der::Element& element) {
  const auto wrong = [&] {
    return malformed("time in a certificate is not of the form YYMMDDHHMMSSZ or YYYYMMDDHHMMSSZ");
  };
  if (element.tag != kUtcTime && element.tag != kGeneralizedTime) return wrong();
  const bool short_year = element.tag == kUtcTime;
  ByteView rest = element.content;
  const auto year = digits(rest, short_year ? 2 : 4);
  const auto month = digits(rest, 2), day = digits(rest, 2);
  const auto hour = digits(rest, 2), minute = digits(rest, 2), second = digits(rest, 2);
  if (!year || !month || !day || !hour || !minute || !second || !same(rest, as_bytes("Z"))) {
    return wrong();
  }
  const int full_year = short_year ? *year + (*year < 50 ? 2000 : 1900) : *year;
  const year_month_day date{std::chrono::year(full_year),
                            std::chrono::month(static_cast<unsigned>(*month)),
                            std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return wrong();
  return Time(sys_days(date)) + hours(*hour) + minutes(*minute) + seconds(*second);
}

Bytes write_x509_time(Time time) {
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const std::chrono::hh_mm_ss clock(floor<seconds>(time - day));
  const int year = static_cast<int>(date.year());
  VITRINE_ASSERT(year >= 1950 && year <= 9999);
  const bool short_year = year < 2050;
  const std::string rest =
      fmt::format("{:02}{:02}{:02}{:02}{:02}Z", static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), clock.hours().count(), clock.minutes().count(),
                  clock.seconds().count());
  const std::string text =
      short_year ? fmt::format("{:02}{}", year % 100, rest) : fmt::format("{:04}{}", year, rest);
  return der_element(short_year ? kUtcTime : kGeneralizedTime, {as_bytes(text)});
}

}  // namespace vitrine::crypto
