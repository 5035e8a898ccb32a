// The "tink" forms of keys (kms-api.md 4.5 to 4.7).
#include <algorithm>

#include "base/assert.h"
#include "base/base64.h"
#include "keys/key.h"
#include "keys/secret_text.h"

namespace vitrine::keys {
namespace {

using codec::json::Array;
using codec::json::Object;

constexpr std::string_view kPrivateTypeUrl =
    "type.googleapis.com/google.crypto.tink.HpkePrivateKey";
constexpr auto kEnvelopeLifetime = std::chrono::hours(365 * 24);

// The bytes of google.crypto.tink.Keyset around a private key of `size` bytes (4.7). Each length is
// below 128, so that it is one byte.
struct Frame {
  Bytes before, after;
  std::size_t size = 0;
};

Frame frame_of(std::size_t size) {
  VITRINE_ASSERT(size <= 48);
  const auto n = static_cast<Byte>(size);
  const auto url = static_cast<Byte>(kPrivateTypeUrl.size());
  const auto value = static_cast<Byte>(2 + n);                       // HpkePrivateKey
  const auto key_data = static_cast<Byte>(2 + url + 2 + value + 2);  // KeyData
  const auto key = static_cast<Byte>(2 + key_data + 4);              // Keyset.Key
  Frame frame;
  frame.before = {0x12, key, 0x0a, key_data, 0x0a, url};
  append(frame.before, as_bytes(kPrivateTypeUrl));
  append(frame.before, Bytes{0x12, value, 0x1a, n});
  frame.after = {0x18, 0x02,   // key_material_type ASYMMETRIC_PRIVATE
                 0x10, 0x01,   // status ENABLED
                 0x20, 0x01};  // output_prefix_type TINK
  frame.size = frame.before.size() + size + frame.after.size();
  return frame;
}

Object envelope_key(const PublicItem& item, Time now) {
  // As many zero bytes as the real keyset has: the client decodes them and sends them back (4.6).
  Object material;
  material["encryptedKeyset"] =
      to_base64(Bytes(frame_of(crypto::kem_sizes(item.kem).private_key).size));
  Object key_data;
  key_data["publicKeySignature"] = "";
  key_data["keyEncryptionKeyUri"] = "azu-kms://" + item.kid;
  key_data["keyMaterial"] = codec::json::write(material);
  Object key;
  key["name"] = "encryptionKeys/" + std::to_string(item.id);
  key["encryptionKeyType"] = "SINGLE_PARTY_HYBRID_KEY";
  key["publicKeysetHandle"] = "TBD";
  key["publicKeyMaterial"] = "testtest";
  key["creationTime"] = std::to_string(to_unix_ms(now));
  key["expirationTime"] = std::to_string(to_unix_ms(now + kEnvelopeLifetime));
  key["keyData"] = Array{std::move(key_data)};
  return key;
}

}  // namespace

Object public_tink(const PublicItem& item, std::string_view receipt) {
  Object key_data;
  key_data["typeUrl"] = "https://schema.org/PublicKey/Azure/HpkePublicKey";
  key_data["value"] = to_base64(item.public_key);
  key_data["keyMaterialType"] = "ASYMMETRIC_PUBLIC";
  Object key;
  key["keyData"] = std::move(key_data);
  key["status"] = "ENABLED";
  key["keyId"] = std::int64_t{item.id};
  key["outputPrefixType"] = "RAW";
  Object keyset;
  keyset["primaryKeyId"] = std::int64_t{item.id};
  keyset["key"] = Array{std::move(key)};
  keyset["receipt"] = receipt;
  return keyset;
}

std::string tink_envelope(const std::vector<PublicItem>& items, Time now) {
  Array keys;
  for (const auto& item : items) keys.push_back(envelope_key(item, now));
  Object envelope;
  envelope["keys"] = std::move(keys);
  return codec::json::write(envelope);
}

SecretBytes private_tink(ByteView private_key) {
  const auto frame = frame_of(private_key.size());
  SecretWriter out(frame.size);
  out.put(frame.before);
  out.put(private_key);
  out.put(frame.after);
  return out.finish();
}

Result<SecretBytes> private_key_from_tink(ByteView keyset) {
  for (const auto kem : {crypto::Kem::x25519_sha256, crypto::Kem::p384_sha384}) {
    const auto size = crypto::kem_sizes(kem).private_key;
    const auto frame = frame_of(size);
    if (keyset.size() != frame.size) continue;
    if (!same(keyset.first(frame.before.size()), frame.before) ||
        !same(keyset.last(frame.after.size()), frame.after)) {
      break;
    }
    return SecretBytes::copy_of(keyset.subspan(frame.before.size(), size));
  }
  return malformed("private Tink keyset: not one enabled HpkePrivateKey in the KMS's encoding");
}

}  // namespace vitrine::keys
