// Arithmetic on the NIST curves that libcrypto's key objects do not offer.
#pragma once

#include "crypto/curve.h"
#include "crypto/openssl/handle.h"

namespace vitrine::crypto::openssl {

// Big-endian, as wide as the field.
ByteView order_of(KeyKind curve);
// 1 <= scalar < order and of exactly the field's width; its time does not depend on a secret value.
bool is_scalar(KeyKind curve, ByteView scalar);
// 04 || x || y of scalar * G. malformed: not a scalar.
Result<Bytes> point_of_scalar(KeyKind curve, ByteView scalar);
// A key object from 04 || x || y. malformed: not a point of the curve.
Result<KeyHandle> key_from_point(KeyKind curve, ByteView point);
// A key object with both halves, which the caller knows to belong together.
Result<KeyHandle> key_from_scalar(KeyKind curve, ByteView scalar, ByteView point);

}  // namespace vitrine::crypto::openssl
