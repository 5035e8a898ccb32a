#include "client/public_key.h"

#include "base/base64.h"
#include "keys/key.h"

namespace vitrine::client {
namespace {

using codec::json::Object;

constexpr std::size_t kX25519Bytes = 32;

Result<Bytes> raw_x25519(std::string_view member, Result<Bytes> decoded) {
  if (!decoded) return in_context("public key: " + std::string(member), decoded.error());
  if (decoded->size() != kX25519Bytes) {
    return malformed("public key: " + std::string(member) + ": " + std::to_string(decoded->size()) +
                     " bytes where an X25519 key has 32");
  }
  return decoded;
}

Result<unsigned> id_of(const Object& object, std::string_view member) {
  const auto id = codec::json::integer_of(object, member);
  if (!id || *id < 0 || *id > 255) {
    return malformed("public key: " + std::string(member) + " is absent or not a small number");
  }
  return static_cast<unsigned>(*id);
}

Result<PublicKey> from_jwk(const Object& jwk) {
  if (codec::json::text_of(jwk, "kty") != "OKP" || codec::json::text_of(jwk, "crv") != "X25519") {
    return malformed("public key: kty and crv are not OKP and X25519");
  }
  PublicKey key;
  key.x = std::string(codec::json::text_of(jwk, "x").value_or(""));
  VITRINE_TRY(key.public_key, raw_x25519("x", from_base64url(key.x)));
  const auto kid = codec::json::text_of(jwk, "kid");
  if (!kid) return malformed("public key: kid is absent or not text");
  key.kid = std::string(*kid);
  VITRINE_TRY(key.id, id_of(jwk, "id"));
  if (const auto ms = codec::json::integer_of(jwk, "timestamp")) key.created = from_unix_ms(*ms);
  if (const auto ms = codec::json::integer_of(jwk, "expiry")) key.expiry = from_unix_ms(*ms);
  return key;
}

Result<PublicKey> from_tink(const Object& tink) {
  const codec::json::Array* list = codec::json::array_of(tink, "key");
  if (list == nullptr || list->size() != 1 || !list->front().is_object()) {
    return malformed("public key: key is not a list of one");
  }
  const Object* data = codec::json::object_of(list->front().get_object(), "keyData");
  const auto value = data == nullptr ? std::nullopt : codec::json::text_of(*data, "value");
  if (!value) return malformed("public key: key[0].keyData.value is absent or not text");
  PublicKey key;
  VITRINE_TRY(key.public_key, raw_x25519("key[0].keyData.value", from_base64(*value)));
  key.x = x_of(key.public_key);
  VITRINE_TRY(key.id, id_of(tink, "primaryKeyId"));
  return key;
}

}  // namespace

std::string_view name_of(KeyFormat format) { return format == KeyFormat::jwk ? "jwk" : "tink"; }

Result<KeyFormat> key_format_from(std::string_view name) {
  if (name == "jwk") return KeyFormat::jwk;
  if (name == "tink") return KeyFormat::tink;
  return malformed("key format " + std::string(name) + " is neither jwk nor tink");
}

Result<PublicKey> public_key_from_json(const Object& answer) {
  const bool tink = codec::json::find(answer, "primaryKeyId") != nullptr;
  VITRINE_TRY(auto key, tink ? from_tink(answer) : from_jwk(answer));
  key.receipt = std::string(codec::json::text_of(answer, "receipt").value_or(""));
  if (!key.kid.empty() && !kid_belongs_to(key.kid, key.kem, key.public_key)) {
    return malformed("public key: kid " + key.kid + " is not the hash of x");
  }
  return key;
}

std::string x_of(ByteView public_key) { return to_base64url(public_key); }

bool kid_belongs_to(std::string_view kid, crypto::Kem kem, ByteView public_key) {
  const std::string first = keys::kid_of(kem, public_key, 1);
  const auto hash = std::string_view(first).substr(0, first.rfind('_') + 1);
  return kid.size() > hash.size() && kid.substr(0, hash.size()) == hash;
}

}  // namespace vitrine::client
