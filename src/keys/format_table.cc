#include "keys/format_table.h"

#include "base/assert.h"

namespace vitrine::keys {
namespace {

// RFC 8410 4: id-X25519, BIT STRING of 32 bytes.
constexpr std::array<Byte, 12> kX25519{0x30, 0x2a, 0x30, 0x05, 0x06, 0x03,
                                       0x2b, 0x65, 0x6e, 0x03, 0x21, 0x00};
// RFC 5480 2.1: id-ecPublicKey with the named curve, BIT STRING of the uncompressed point.
constexpr std::array<Byte, 26> kP256{0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                     0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};
constexpr std::array<Byte, 23> kP384{0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                     0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                     0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00};

}  // namespace

KemFormat format_of(crypto::Kem kem) {
  switch (kem) {
    case crypto::Kem::x25519_sha256:
      return {"X25519", "OKP", kX25519, 32};
    case crypto::Kem::p256_sha256:
      return {"P-256", "EC", kP256, 32};
    case crypto::Kem::p384_sha384:
      return {"P-384", "EC", kP384, 48};
  }
  VITRINE_ASSERT(false);
}

}  // namespace vitrine::keys
