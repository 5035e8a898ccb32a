// The two encodings of an ECDSA signature: DER (RFC 3279 2.2.3) and r || s of fixed width. In both,
// r and s are from 1 to the order less one; another encoding or value is malformed.
#pragma once

#include "crypto/key.h"

namespace vitrine::crypto::openssl {

Status check_ecdsa_der(KeyKind curve, ByteView signature);
Result<Bytes> ecdsa_der_from_raw(KeyKind curve, ByteView raw);
Result<Bytes> ecdsa_raw_from_der(KeyKind curve, ByteView der);

}  // namespace vitrine::crypto::openssl
