// Shamir's secret sharing, k of n, byte by byte over GF(2^8) with the polynomial of AES
// (x^8 + x^4 + x^3 + x + 1, FIPS 197 4.2). Time and memory access depend on sizes, counts and
// indices alone, which are public; never on a secret. A share says nothing of whether it is right:
// who deals keeps a digest of each (docs/formats/recovery.md).
#pragma once

#include <vector>

#include "base/random.h"
#include "base/result.h"
#include "base/secret.h"

namespace vitrine::crypto {

inline constexpr unsigned kSharesMax = 254;

struct Share {
  Byte index = 0;     // 1 to 254: the point; the secret is at 0
  SecretBytes value;  // as long as the secret
};

// Shares 1 to `count` of `secret`; any `threshold` of them give it back, fewer nothing at all.
// malformed: an empty secret, threshold 0 or over count, count over kSharesMax.
Result<std::vector<Share>> split(ByteView secret, unsigned threshold, unsigned count,
                                 Random& random);
// What the shares given, all of them, are points of: the secret where they are `threshold` or more
// of one split. malformed: none, an index of 0 or 255, an index twice, or values of different
// sizes.
Result<SecretBytes> combine(const std::vector<Share>& shares);

// The field; for tests and for combine().
Byte gf256_multiply(Byte a, Byte b);
Byte gf256_inverse(Byte a);  // of 0: 0

}  // namespace vitrine::crypto
