// HPKE from the receiver's side: the first byte chooses the suite, then enc, then ciphertext.
// Nobody can write a message that opens without the code knowing why: only one sealed here may.
#include <algorithm>

#include "base/assert.h"
#include "crypto/hpke.h"

using namespace vitrine;
namespace hpke = crypto::hpke;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const hpke::Suite suites[] = {
      hpke::kKmsSuite,
      {crypto::Kem::p256_sha256, hpke::Kdf::hkdf_sha256, hpke::AeadId::aes128_gcm},
      {crypto::Kem::p384_sha384, hpke::Kdf::hkdf_sha384, hpke::AeadId::chacha20_poly1305}};
  static const crypto::KemKeyPair pairs[] = {*crypto::kem_generate(suites[0].kem),
                                             *crypto::kem_generate(suites[1].kem),
                                             *crypto::kem_generate(suites[2].kem)};
  if (size == 0) return 0;
  const std::size_t which = data[0] % 3;
  const hpke::Suite& suite = suites[which];
  const crypto::KemKeyPair& pair = pairs[which];
  const ByteView rest(data + 1, size - 1);
  const std::size_t enc_size = std::min(rest.size(), crypto::kem_sizes(suite.kem).enc);
  const auto opened = hpke::open_base(suite, rest.first(enc_size), pair.private_key.reveal(),
                                      pair.public_key, {}, {}, rest.subspan(enc_size));
  VITRINE_ASSERT(!opened && opened.error().code == Code::denied &&
                 opened.error().message == "decryption failed");
  const auto sealed = hpke::seal_base(suite, pair.public_key, rest, {}, rest);
  if (!sealed) return 0;  // info over its bound
  const auto back = hpke::open_base(suite, sealed->enc, pair.private_key.reveal(), pair.public_key,
                                    rest, {}, sealed->ciphertext);
  VITRINE_ASSERT(back && same(back->reveal(), rest));
  return 0;
}
