// Tokens: what is accepted keeps its bytes, and nothing verifies under a key that signed nothing.
#include "base/assert.h"
#include "base/base64.h"
#include "crypto/jws.h"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const crypto::Jwk key{
      "", crypto::JwsAlgorithm::es256,
      crypto::PrivateKey::generate(crypto::KeyKind::ec_p256)->public_key()};
  const std::string_view text = as_text({data, size});
  const auto token = crypto::parse_jws(text);
  if (!token) return 0;
  VITRINE_ASSERT(token->signing_input + "." + to_base64url(token->signature) == text);
  VITRINE_ASSERT(codec::json::text_of(token->header, "alg") == token->algorithm);
  VITRINE_ASSERT(codec::json::find(token->header, "crit") == nullptr);
  VITRINE_ASSERT(!crypto::verify_jws(*token, key));
  return 0;
}
