// What differs between the KEMs in key formats: names and fixed bytes.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "crypto/kem.h"

namespace vitrine::keys {

struct KemFormat {
  std::string_view crv;        // RFC 7518 6.2.1.1, RFC 8037 2
  std::string_view kty;        // "OKP" has x alone, "EC" x and y
  ByteView spki_prefix;        // DER of SubjectPublicKeyInfo up to the raw public key
  std::size_t coordinate = 0;  // bytes of x (and y)
};
KemFormat format_of(crypto::Kem kem);

}  // namespace vitrine::keys
