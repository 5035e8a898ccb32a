// Every size, count and wait that outside bytes can ask for has its bound here.
#pragma once

#include <cstddef>

namespace vitrine::limits {

inline constexpr std::size_t kRequestBodyBytesMax = 1'000'000;  // ccf.md 6: over it 413
inline constexpr std::size_t kRequestHeaderBytesMax = 16'384;   // ccf.md 6: over it 431
inline constexpr std::size_t kRequestTargetBytesMax = 8'192;
inline constexpr std::size_t kJsonDepthMax = 16;        // attestation.md 1.3
inline constexpr std::size_t kJsonMembersMax = 16'384;  // of one object: see codec/json.h
inline constexpr std::size_t kCborDepthMax = 16;        // attestation.md 14
inline constexpr std::size_t kCborItemsMax = 65'536;    // of one decoded input: see codec/cbor.h
inline constexpr std::size_t kEvidenceBytesMax = 1'048'576;  // attestation.md 14
inline constexpr std::size_t kChainCertificatesMax = 8;      // attestation.md 14
inline constexpr std::size_t kCertificateBytesMax = 16'384;
// Of every key from outside. The largest that attestation roots, token issuers and clients use; the
// time of an operation grows with the square of it.
inline constexpr std::size_t kRsaBitsMin = 2048, kRsaBitsMax = 4096;
inline constexpr std::size_t kJwksKeysMax = 256;
inline constexpr std::size_t kCrlBytesMax = 4'194'304;  // attestation.md 14
inline constexpr std::size_t kTokenBytesMax = 65'536;   // attestation.md 1.3
inline constexpr std::size_t kPemBytesMax = 65'536;
inline constexpr std::size_t kLeafBytesMax = 32'768;  // transparency.md 5: 32 KiB
inline constexpr std::size_t kSealedBytesMax = 65'536;
inline constexpr std::size_t kBlobBytesMax = 1'048'576;
inline constexpr std::size_t kProofHashesMax = 63;         // transparency.md 14
inline constexpr std::size_t kReasonHeaderBytesMax = 256;  // decisions.md, Wire

}  // namespace vitrine::limits
