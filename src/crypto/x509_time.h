// Time in certificates (RFC 5280 4.1.2.5): UTCTime to 2049, GeneralizedTime to 9999, in seconds and
// in UTC. Internal to crypto.
#pragma once

#include "base/clock.h"
#include "codec/der.h"

namespace vitrine::crypto {

inline constexpr Byte kUtcTime = 0x17, kGeneralizedTime = 0x18;

Result<Time> parse_x509_time(const codec::der::Element& element);
Bytes write_x509_time(Time time);  // the whole element; asserts a year from 1950 to 9999

}  // namespace vitrine::crypto
