// Signature AlgorithmIdentifiers of certificates (RFC 3279, 4055, 5758, 8410), read by meaning: AMD
// writes the same RSASSA-PSS parameters in two encodings. Internal to crypto.
#pragma once

#include "crypto/key.h"

namespace vitrine::crypto {

// malformed: not one of the algorithms of SignatureAlgorithm, or RSASSA-PSS with a salt or MGF1
// hash other than the hash.
Result<SignatureAlgorithm> parse_certificate_algorithm(ByteView identifier);
// The identifier for one of the algorithms that certificates are made with.
Bytes write_certificate_algorithm(SignatureAlgorithm algorithm);

}  // namespace vitrine::crypto
