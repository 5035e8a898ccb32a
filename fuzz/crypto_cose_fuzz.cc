// COSE_Sign1, with and without its tag: what is accepted, written again around the same unprotected
// map, has the same size and pieces; nothing verifies under a key that signed nothing.
#include "base/assert.h"
#include "crypto/cose.h"

using namespace vitrine;
namespace cbor = codec::cbor;

namespace {

void check(ByteView input, crypto::CoseTag tag) {
  static const crypto::PublicKey key =
      crypto::PrivateKey::generate(crypto::KeyKind::ec_p256)->public_key();
  const auto message = crypto::parse_cose_sign1(input, tag);
  if (!message) return;
  VITRINE_ASSERT(!crypto::verify_cose_sign1(*message, -7, key));
  const cbor::Value array = cbor::Value::array(
      {cbor::Value::bytes(message->protected_bytes), message->unprotected_header,
       cbor::Value::bytes(message->payload), cbor::Value::bytes(message->signature)});
  const Bytes written =
      cbor::encode(tag == crypto::CoseTag::required ? cbor::Value::tag(18, array) : array);
  const auto again = crypto::parse_cose_sign1(written, tag);
  VITRINE_ASSERT(again && again->protected_bytes == message->protected_bytes &&
                 again->payload == message->payload && again->signature == message->signature);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  check({data, size}, crypto::CoseTag::required);
  check({data, size}, crypto::CoseTag::forbidden);
  return 0;
}
