// JSON Web Keys and key sets: what is accepted is written and read back as the same key.
#include "base/assert.h"
#include "crypto/jwk.h"

using namespace vitrine;

namespace {

void check(const crypto::Jwk& jwk) {
  const auto again = crypto::jwk_from_json(crypto::jwk_to_json(jwk.key, jwk.kid, jwk.algorithm));
  VITRINE_ASSERT(again && again->key == jwk.key && again->kid == jwk.kid &&
                 again->algorithm == jwk.algorithm);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto object = codec::json::parse_object(as_text({data, size}));
  if (!object) return 0;
  if (const auto jwk = crypto::jwk_from_json(*object)) check(*jwk);
  if (const auto set = crypto::jwks_from_json(*object)) {
    for (const crypto::Jwk& jwk : *set) check(jwk);
  }
  return 0;
}
