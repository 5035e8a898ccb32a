// Base64 (RFC 4648). Readers are strict: unused bits are zero, no line breaks, no junk.
// Characters are mapped by arithmetic, not by tables, so that the text of a secret leaves no trace
// in the cache; each result is allocated once, at its final size.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"

namespace vitrine {

std::string to_base64(ByteView bytes);     // standard alphabet, padded
std::string to_base64url(ByteView bytes);  // URL alphabet, no padding

Result<Bytes> from_base64(std::string_view text);     // standard alphabet, padding required
Result<Bytes> from_base64url(std::string_view text);  // URL alphabet, padding refused
// Either alphabet (even mixed), padding optional, unused bits ignored; other characters refused
// (kms-api.md 6.1).
Result<Bytes> from_base64_lenient(std::string_view text);

// The same as the first two, for secrets: no copy is left behind. Wiping `text` is the caller's.
Result<SecretBytes> secret_from_base64(std::string_view text);
Result<SecretBytes> secret_from_base64url(std::string_view text);

}  // namespace vitrine
