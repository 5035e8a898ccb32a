// Sealed texts and private key files as a person hands them to `open`.
#include <cstdint>

#include "base/assert.h"
#include "client/seal.h"

namespace client = vitrine::client;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const vitrine::ByteView bytes(data, size);
  if (const auto sealed = client::sealed_from_json(vitrine::as_text(bytes))) {
    const auto again =
        client::sealed_from_json(vitrine::codec::json::write(client::to_json(*sealed)));
    VITRINE_ASSERT(again.has_value());
    VITRINE_ASSERT(again->kid == sealed->kid);
    VITRINE_ASSERT(again->enc == sealed->enc && again->ciphertext == sealed->ciphertext);
  }
  if (const auto key = client::read_private_key(bytes)) {
    VITRINE_ASSERT(key->private_key.size() == 32 && key->public_key.size() == 32);
  }
  return 0;
}
