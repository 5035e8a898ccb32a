#include "keys/key.h"

#include "base/assert.h"
#include "base/base64.h"
#include "codec/pem.h"
#include "crypto/hash.h"
#include "keys/format_table.h"

namespace vitrine::keys {
namespace {

using codec::json::Object;

// base64url of x (and y); SEC 1 puts 04 in front of an uncompressed point.
std::string coordinate_x(const PublicItem& item) {
  const auto format = format_of(item.kem);
  return to_base64url(
      ByteView(item.public_key).subspan(format.kty == "EC" ? 1 : 0, format.coordinate));
}

}  // namespace

std::string public_pem(crypto::Kem kem, ByteView public_key) {
  VITRINE_ASSERT(public_key.size() == crypto::kem_sizes(kem).public_key);
  Bytes spki = to_bytes(format_of(kem).spki_prefix);
  append(spki, public_key);
  return codec::pem::encode("PUBLIC KEY", spki);
}

std::string kid_of(crypto::Kem kem, ByteView public_key, std::uint64_t number) {
  const auto pem = public_pem(kem, public_key);
  return to_base64url(crypto::sha256(as_bytes(pem))) + "_" + std::to_string(number);
}

unsigned id_of(std::uint64_t number) { return static_cast<unsigned>(number % 90) + 10; }

std::uint8_t ohttp_key_id(unsigned id) {
  VITRINE_ASSERT(id >= 10 && id <= 99);
  return static_cast<std::uint8_t>(id / 10 * 16 + id % 10);
}

Digest claims_digest(const PublicItem& item) {
  return crypto::sha256(as_bytes(coordinate_x(item)));
}

Object public_jwk(const PublicItem& item) {
  const auto format = format_of(item.kem);
  VITRINE_ASSERT(item.public_key.size() == crypto::kem_sizes(item.kem).public_key);
  Object jwk;
  jwk["crv"] = format.crv;
  jwk["kid"] = item.kid;
  jwk["kty"] = format.kty;
  jwk["x"] = coordinate_x(item);
  if (format.kty == "EC") {
    jwk["y"] = to_base64url(ByteView(item.public_key).subspan(1 + format.coordinate));
  }
  jwk["timestamp"] = to_unix_ms(item.created);
  if (item.expiry) jwk["expiry"] = to_unix_ms(*item.expiry);
  jwk["id"] = std::int64_t{item.id};
  return jwk;
}

Object listed_keys(const PublicItem& item) {
  Object key;
  key["key"] = to_base64(item.public_key);
  key["id"] = std::to_string(item.id);
  Object list;
  list["keys"] = codec::json::Array{std::move(key)};
  return list;
}

}  // namespace vitrine::keys
