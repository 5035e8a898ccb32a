// Lower-case hexadecimal.
#pragma once

#include "base/bytes.h"
#include "base/result.h"

namespace vitrine {

std::string to_hex(ByteView bytes);
// Reads hex of either case. malformed: odd length or another character.
Result<Bytes> from_hex(std::string_view text);
// Reads exactly 64 hex digits.
Result<Digest> digest_from_hex(std::string_view text);

}  // namespace vitrine
