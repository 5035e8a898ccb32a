// Reading the args of actions, each with an error that names the member; used by actions*.cc.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "codec/json.h"
#include "crypto/key.h"
#include "crypto/x509.h"
#include "governance/state.h"

namespace vitrine::governance {

using ArgNames = std::initializer_list<std::string_view>;

// malformed: an arg that is not one of `known`, with the nearest known name as a hint.
Status check_args(const codec::json::Object& args, ArgNames known);
// Absent, or null as some scripts send, is not given.
bool is_given(const codec::json::Object& args, std::string_view name);

// Text, not empty, of at most `bytes_max`.
Result<std::string> text_arg(const codec::json::Object& args, std::string_view name,
                             std::size_t bytes_max);
// Exactly so many hex digits; the result is in lower case.
Result<std::string> hex_arg(const codec::json::Object& args, std::string_view name,
                            std::size_t digits);
Result<const codec::json::Object*> object_arg(const codec::json::Object& args,
                                              std::string_view name);
// An object, or null where it is not given.
Result<codec::json::Value> data_arg(const codec::json::Object& args, std::string_view name);
// One certificate in PEM. Outside dev also malformed: it is over at `now`.
Result<crypto::Certificate> certificate_arg(const codec::json::Object& args, std::string_view name,
                                            const Settings& settings, Time now);

// `valid_from` as YYMMDDhhmmssZ or ISO 8601 (UTC where it names no zone) and, optionally,
// `validity_period_days`: a certificate that is valid at `now`.
struct Validity {
  Time valid_from;
  std::uint32_t days = 0;  // 0: not given
};
Result<Validity> validity_args(const codec::json::Object& args, const Settings& settings, Time now);
// malformed: neither form, or no such day.
Result<Time> time_from_text(std::string_view text);

}  // namespace vitrine::governance
