#include "client/seal.h"

#include "base/base64.h"
#include "crypto/hpke.h"
#include "keys/key.h"

namespace vitrine::client {
namespace {

Result<Bytes> bytes_of(const codec::json::Object& object, std::string_view member) {
  const auto text = codec::json::text_of(object, member);
  if (!text) return malformed("sealed text: " + std::string(member) + " is absent or not text");
  auto bytes = from_base64url(*text);
  if (!bytes) return in_context("sealed text: " + std::string(member), bytes.error());
  return bytes;
}

// A JSON file may end with a newline or begin with blanks; a keyset begins with 0x12.
bool looks_like_json(ByteView file) {
  for (const Byte b : file) {
    if (b == ' ' || b == '\n' || b == '\r') continue;
    return b == '{';
  }
  return false;
}

}  // namespace

codec::json::Object to_json(const Sealed& sealed) {
  codec::json::Object object;
  object["kid"] = sealed.kid;
  object["enc"] = to_base64url(sealed.enc);
  object["ct"] = to_base64url(sealed.ciphertext);
  return object;
}

Result<Sealed> sealed_from_json(std::string_view text) {
  const auto object = codec::json::parse_object(text);
  if (!object) return in_context("sealed text", object.error());
  if (object->size() != 3) {
    return malformed("sealed text: its members are not exactly kid, enc and ct");
  }
  Sealed sealed;
  const auto kid = codec::json::text_of(*object, "kid");
  if (!kid) return malformed("sealed text: kid is absent or not text");
  sealed.kid = std::string(*kid);
  VITRINE_TRY(sealed.enc, bytes_of(*object, "enc"));
  VITRINE_TRY(sealed.ciphertext, bytes_of(*object, "ct"));
  return sealed;
}

Result<PrivateKey> read_private_key(ByteView file) {
  PrivateKey key;
  auto raw =
      looks_like_json(file) ? keys::private_key_from_jwk(file) : keys::private_key_from_tink(file);
  if (!raw) return in_context("private key", raw.error());
  key.private_key = std::move(*raw);
  auto public_key = crypto::kem_public_of(key.kem, key.private_key.reveal());
  if (!public_key) return in_context("private key", public_key.error());
  key.public_key = std::move(*public_key);
  return key;
}

Result<Sealed> seal(const PublicKey& key, ByteView plaintext) {
  auto made = crypto::hpke::seal_base(crypto::hpke::kKmsSuite, key.public_key, as_bytes(kSealInfo),
                                      {}, plaintext);
  if (!made) return in_context("seal to key " + key.kid, made.error());
  return Sealed{key.kid, std::move(made->enc), std::move(made->ciphertext)};
}

Result<SecretBytes> open(const Sealed& sealed, const PrivateKey& key) {
  if (!sealed.kid.empty() && !kid_belongs_to(sealed.kid, key.kem, key.public_key)) {
    return denied("open: sealed to key " + sealed.kid + ", and the private key is not that one's",
                  "get it with: vitrine release --kid " + sealed.kid + " …");
  }
  auto opened =
      crypto::hpke::open_base(crypto::hpke::kKmsSuite, sealed.enc, key.private_key.reveal(),
                              key.public_key, as_bytes(kSealInfo), {}, sealed.ciphertext);
  if (!opened) return in_context("open", opened.error());
  return opened;
}

}  // namespace vitrine::client
