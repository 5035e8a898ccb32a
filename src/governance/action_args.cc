#include "governance/action_args.h"

#include <algorithm>

#include "base/hex.h"
#include "governance/json_fields.h"

namespace vitrine::governance {
namespace {

using codec::json::Object;
using codec::json::Value;

// A clock that is a little ahead of the service's is no mistake.
constexpr auto kAheadMax = std::chrono::hours(1);
constexpr auto kDay = std::chrono::hours(24);

bool are_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// RFC 5280 4.1.2.5.1: years below 50 are of this century.
std::string rfc3339_of_utc_time(std::string_view text) {
  const auto part = [&](std::size_t at) { return std::string(text.substr(at, 2)); };
  return (text[0] < '5' ? "20" : "19") + part(0) + "-" + part(2) + "-" + part(4) + "T" + part(6) +
         ":" + part(8) + ":" + part(10) + "Z";
}

}  // namespace

Status check_args(const Object& args, ArgNames known) {
  return check_known("args", args, {known.begin(), known.size()});
}

bool is_given(const Object& args, std::string_view name) {
  const auto* value = codec::json::find(args, name);
  return value != nullptr && !value->is_null();
}

Result<std::string> text_arg(const Object& args, std::string_view name, std::size_t bytes_max) {
  const auto text = codec::json::text_of(args, name);
  if (!text || text->empty()) return malformed(std::string(name) + " is not text");
  if (text->size() > bytes_max) {
    return malformed(std::string(name) + " is over " + std::to_string(bytes_max) + " bytes");
  }
  return std::string(*text);
}

Result<std::string> hex_arg(const Object& args, std::string_view name, std::size_t digits) {
  const auto text = codec::json::text_of(args, name);
  if (text && text->size() == digits) {
    if (const auto bytes = from_hex(*text)) return to_hex(*bytes);
  }
  return malformed(std::string(name) + " is not " + std::to_string(digits) + " hex digits");
}

Result<const Object*> object_arg(const Object& args, std::string_view name) {
  const auto* object = codec::json::object_of(args, name);
  if (object == nullptr) return malformed(std::string(name) + " is not an object");
  return object;
}

Result<Value> data_arg(const Object& args, std::string_view name) {
  if (!is_given(args, name)) return Value();
  VITRINE_TRY(const auto* object, object_arg(args, name));
  return Value(*object);
}

Result<crypto::Certificate> certificate_arg(const Object& args, std::string_view name,
                                            const Settings& settings, Time now) {
  const auto text = codec::json::text_of(args, name);
  if (!text) return malformed(std::string(name) + " is not text");
  auto certificate = crypto::Certificate::from_pem(*text);
  if (!certificate) return in_context(std::string(name), certificate.error());
  if (!settings.dev && certificate->not_after() < now) {
    return malformed(std::string(name) + ": the certificate was valid until " +
                     to_rfc3339(certificate->not_after()));
  }
  return certificate;
}

Result<Time> time_from_text(std::string_view text) {
  if (text.size() == 13 && text.back() == 'Z' && are_digits(text.substr(0, 12))) {
    return from_rfc3339(rfc3339_of_utc_time(text));
  }
  std::string iso(text);
  constexpr std::size_t kDateBytes = 10;
  if (iso.size() > kDateBytes && iso[kDateBytes] == ' ') iso[kDateBytes] = 'T';
  const bool has_zone = iso.find_first_of("Z+-", kDateBytes) != std::string::npos;
  return from_rfc3339(has_zone ? iso : iso + "Z");
}

Result<Validity> validity_args(const Object& args, const Settings& settings, Time now) {
  const auto text = codec::json::text_of(args, "valid_from");
  if (!text) return malformed("valid_from is not text");
  const auto valid_from = time_from_text(*text);
  if (!valid_from) {
    return malformed("valid_from is no time: " + quoted(*text),
                     "write it as YYMMDDhhmmssZ or 2026-11-24T13:20:00Z");
  }
  if (*valid_from > now + kAheadMax) {
    return malformed("valid_from is over an hour ahead: until then nobody could connect");
  }
  std::int64_t days = 0;
  if (is_given(args, "validity_period_days")) {
    VITRINE_CHECK(
        read_integer("args", args, "validity_period_days", 1, settings.certificate_days_max, days));
  }
  const std::int64_t period = days == 0 ? settings.certificate_days_max : days;
  // The difference of two times in range can't overflow; their sum with a period could.
  if (*valid_from < now && now - *valid_from >= kDay * period) {
    return malformed("valid_from: a certificate from then on would be over already");
  }
  return Validity{*valid_from, static_cast<std::uint32_t>(days)};
}

}  // namespace vitrine::governance
