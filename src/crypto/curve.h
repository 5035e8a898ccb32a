// Constants of the elliptic curves: sizes and names. Internal to crypto.
#pragma once

#include "base/assert.h"
#include "crypto/key.h"

namespace vitrine::crypto {

struct Curve {
  KeyKind kind;
  const char* name;  // as RFC 7518 and libcrypto both spell it
  std::size_t bits;
  std::size_t field_bytes;  // also the width of a scalar
  ByteView oid;             // content octets
};

inline constexpr Byte kOidP256[] = {0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07};
inline constexpr Byte kOidP384[] = {0x2b, 0x81, 0x04, 0x00, 0x22};
inline constexpr Byte kOidP521[] = {0x2b, 0x81, 0x04, 0x00, 0x23};
inline constexpr Curve kCurves[] = {{KeyKind::ec_p256, "P-256", 256, 32, kOidP256},
                                    {KeyKind::ec_p384, "P-384", 384, 48, kOidP384},
                                    {KeyKind::ec_p521, "P-521", 521, 66, kOidP521}};

// nullptr for the kinds that are not a Weierstrass curve.
inline constexpr const Curve* find_curve(KeyKind kind) {
  for (const Curve& curve : kCurves) {
    if (curve.kind == kind) return &curve;
  }
  return nullptr;
}
inline const Curve& curve_of(KeyKind kind) {
  const Curve* const found = find_curve(kind);
  VITRINE_ASSERT(found != nullptr);
  return *found;
}
inline constexpr bool is_ec(KeyKind kind) { return find_curve(kind) != nullptr; }

}  // namespace vitrine::crypto
