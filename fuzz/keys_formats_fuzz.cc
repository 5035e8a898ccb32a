// Private keys as clients get them: what is read writes back to a form that reads to the same key.
#include <cstdint>

#include "base/assert.h"
#include "keys/key.h"
#include "keys/wrap.h"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const ByteView input(data, size);
  if (const auto key = keys::private_key_from_tink(input)) {
    VITRINE_ASSERT(same(keys::private_tink(key->reveal()).reveal(), input));
  }
  if (const auto key = keys::private_key_from_jwk(input)) {
    for (const auto kem :
         {crypto::Kem::x25519_sha256, crypto::Kem::p256_sha256, crypto::Kem::p384_sha384}) {
      if (crypto::kem_sizes(kem).private_key != key->size()) continue;
      auto public_key = crypto::kem_public_of(kem, key->reveal());
      if (!public_key) continue;
      keys::PublicItem item;
      item.kem = kem;
      item.number = 1;
      item.public_key = *public_key;
      item.kid = keys::kid_of(kem, *public_key, 1);
      item.id = keys::id_of(1);
      const auto jwk = keys::private_jwk(item, key->reveal());
      const auto again = keys::private_key_from_jwk(jwk.reveal());
      VITRINE_ASSERT(again.has_value() && same(again->reveal(), key->reveal()));
    }
  }
  const auto look = keys::look_at_pem(as_text(input));
  VITRINE_ASSERT(!look.acceptable || (look.has_begin && look.has_end && look.has_actual_newline &&
                                      !look.has_literal_newline));
  return 0;
}
