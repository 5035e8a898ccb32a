// ECDSA verification over P-384 (FIPS 186-5, 6.4.2).
//
// VARIABLE TIME, and therefore for verification alone: key, digest and signature are public, and
// nothing here can be given a secret. Signing, key agreement and everything else with a private
// scalar is libcrypto's.
//
// Pure; safe from any thread.
#pragma once

#include "crypto/p384/multiples.h"

namespace vitrine::crypto::p384 {

inline constexpr std::size_t kSignatureBytes = 2 * kNumberBytes;

// `signature` is r || s, here and below, asserted to have kSignatureBytes. Whether both are from 1
// to n - 1.
bool is_in_range(ByteView signature);

// False also where r or s is out of range. Of a digest above 48 bytes the first 48 count, as the
// standard says.
bool verify(const Affine& key, ByteView digest, ByteView signature);
// The same with a table of the key's multiples, which takes a third of the time.
bool verify(const Table& key, ByteView digest, ByteView signature);

}  // namespace vitrine::crypto::p384
