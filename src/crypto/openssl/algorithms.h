// Digests, fetched once per process: an implicit fetch per operation costs 0.2 to 0.3 us and a
// lock.
#pragma once

#include "crypto/hash.h"
#include "crypto/openssl/handle.h"

namespace vitrine::crypto::openssl {

const EVP_MD* digest_of(Hash hash);

}  // namespace vitrine::crypto::openssl
