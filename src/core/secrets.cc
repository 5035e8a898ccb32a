#include "core/secrets.h"

#include <algorithm>
#include <string>

#include "codec/cbor.h"
#include "crypto/aead.h"
#include "crypto/hash.h"

namespace vitrine::core {
namespace {

using codec::cbor::Value;

constexpr std::uint64_t kFormatVersion = 2;
constexpr std::uint64_t kFirstFormatVersion = 1;  // without the next keys
constexpr std::size_t kFirstKeyParts = 3;
constexpr std::size_t kKeyParts = 5;
constexpr std::string_view kInfo = "vitrine service secrets v1";
constexpr std::size_t kSaltBytes = 32;
constexpr std::size_t kLedgerSecretBytes = 32;
constexpr std::size_t kMembers = 6;  // without `object`
constexpr std::size_t kObjectBytesMax = 16'384;

enum Member : std::int64_t {
  version = 1,
  kind = 2,
  service_id = 3,
  salt = 4,
  commitment = 5,
  ciphertext = 6,
  object = 7
};

struct SealingKeys {
  SecretBytes cipher;
  SecretBytes commitment;
};

SealingKeys derive(ByteView sealing_key, ByteView salt_bytes, ByteView id) {
  Bytes info = to_bytes(kInfo);
  append(info, id);
  const SecretBytes both = crypto::hkdf(crypto::Hash::sha256, salt_bytes, sealing_key, info, 64);
  return {SecretBytes::copy_of(both.reveal().first(32)),
          SecretBytes::copy_of(both.reveal().subspan(32))};
}

Bytes associated_data(ByteView id, std::uint64_t format, std::string_view provider_kind) {
  return codec::cbor::encode(
      Value::array({Value::bytes(id), Value::uint(format), Value::text(provider_kind)}));
}

// Length-prefixed parts in fixed order, built in secret memory.
SecretBytes join(const std::vector<ByteView>& parts) {
  std::size_t size = 0;
  for (const ByteView part : parts) size += 4 + part.size();
  SecretBytes out(size);
  auto to = out.reveal_writable();
  std::size_t at = 0;
  for (const ByteView part : parts) {
    for (int shift = 24; shift >= 0; shift -= 8) to[at++] = static_cast<Byte>(part.size() >> shift);
    for (const Byte byte : part) to[at++] = byte;
  }
  return out;
}

Result<std::vector<ByteView>> split(ByteView packed) {
  std::vector<ByteView> parts;
  while (!packed.empty()) {
    if (packed.size() < 4) return malformed("service secrets: cut short");
    std::size_t size = 0;
    for (std::size_t i = 0; i < 4; ++i) size = size << 8 | packed[i];
    packed = packed.subspan(4);
    if (packed.size() < size) return malformed("service secrets: cut short");
    parts.push_back(packed.first(size));
    packed = packed.subspan(size);
  }
  return parts;
}

SecretBytes pkcs8_or_nothing(const std::optional<crypto::PrivateKey>& key) {
  return key ? key->pkcs8() : SecretBytes();
}

Result<std::optional<crypto::PrivateKey>> key_or_nothing(ByteView pkcs8) {
  if (pkcs8.empty()) return std::optional<crypto::PrivateKey>();
  VITRINE_TRY(auto key, crypto::PrivateKey::from_pkcs8(pkcs8));
  return std::optional<crypto::PrivateKey>(std::move(key));
}

// The pairs of version and secret behind the keys.
Status read_ledger_secrets(std::span<const ByteView> parts, ledger::LedgerSecrets& to) {
  if (parts.empty() || parts.size() % 2 != 0)
    return malformed("sealed service secrets: wrong number of parts");
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    VITRINE_TRY(const Value number,
                codec::cbor::decode(parts[i], codec::cbor::Strictness::deterministic));
    VITRINE_TRY(const std::uint64_t secret_version, number.to_uint());
    if (secret_version == 0 || (i > 0 && secret_version <= to.highest_version()))
      return malformed("sealed service secrets: versions of ledger secrets do not rise");
    if (parts[i + 1].size() != kLedgerSecretBytes)
      return malformed("sealed service secrets: a ledger secret is not 32 bytes");
    to.add(secret_version, SecretBytes::copy_of(parts[i + 1]));
  }
  return {};
}

Result<ServiceSecrets> secrets_of(std::span<const ByteView> parts, const ledger::ServiceId& service,
                                  const std::optional<crypto::PrivateKey>& node_key) {
  if (parts.size() < kKeyParts) return malformed("sealed service secrets: wrong number of parts");
  VITRINE_TRY(auto service_key, crypto::PrivateKey::from_pkcs8(parts[0]));
  VITRINE_TRY(auto log_key, crypto::PrivateKey::from_pkcs8(parts[1]));
  VITRINE_TRY(auto node, key_or_nothing(parts[2]));
  if (!node) node = node_key;
  if (!node) return malformed("sealed service secrets: no node key");
  ServiceSecrets secrets{service, std::move(service_key), std::move(log_key), *std::move(node), {}};
  VITRINE_TRY(secrets.next_service_key, key_or_nothing(parts[3]));
  VITRINE_TRY(secrets.next_log_key, key_or_nothing(parts[4]));
  VITRINE_CHECK(read_ledger_secrets(parts.subspan(kKeyParts), secrets.ledger));
  return secrets;
}

Result<ByteView> bytes_member(const Value& map, std::int64_t key, const char* name) {
  const Value* value = map.find(key);
  if (value == nullptr) return malformed(std::string("sealed service secrets: no member ") + name);
  return value->to_bytes();
}

}  // namespace

ServiceSecrets ServiceSecrets::clone() const {
  return {service_id,     service_key,      log_key,     node_key,
          ledger.clone(), next_service_key, next_log_key};
}

namespace {

Result<crypto::PrivateKey> key_of(const crypto::PublicKey& wanted, const crypto::PrivateKey& first,
                                  const std::optional<crypto::PrivateKey>& next,
                                  std::string_view what) {
  if (first.public_key() == wanted) return first;
  if (next && next->public_key() == wanted) return *next;
  return not_found("service secrets: none is the " + std::string(what) + " that the ledger names");
}

}  // namespace

Result<crypto::PrivateKey> ServiceSecrets::service_key_of(const crypto::PublicKey& key) const {
  return key_of(key, service_key, next_service_key, "service key");
}

Result<crypto::PrivateKey> ServiceSecrets::log_key_of(const crypto::PublicKey& key) const {
  return key_of(key, log_key, next_log_key, "log key");
}

SecretBytes pack_secrets(const ServiceSecrets& secrets, bool with_node_key) {
  const SecretBytes service = secrets.service_key.pkcs8();
  const SecretBytes log = secrets.log_key.pkcs8();
  const SecretBytes node = with_node_key ? secrets.node_key.pkcs8() : SecretBytes();
  const SecretBytes next_service = pkcs8_or_nothing(secrets.next_service_key);
  const SecretBytes next_log = pkcs8_or_nothing(secrets.next_log_key);
  std::vector<Bytes> versions;
  for (const auto& [number, secret] : secrets.ledger.all())
    versions.push_back(codec::cbor::encode(Value::uint(number)));
  std::vector<ByteView> parts = {service.reveal(), log.reveal(), node.reveal(),
                                 next_service.reveal(), next_log.reveal()};
  std::size_t i = 0;
  for (const auto& [number, secret] : secrets.ledger.all()) {
    parts.push_back(versions[i++]);
    parts.push_back(secret.reveal());
  }
  return join(parts);
}

Result<ServiceSecrets> unpack_secrets(ByteView packed, const ledger::ServiceId& service,
                                      const std::optional<crypto::PrivateKey>& node_key) {
  VITRINE_TRY(const auto parts, split(packed));
  return secrets_of(parts, service, node_key);
}

Result<Bytes> seal_secrets(const ServiceSecrets& secrets, const SealingKey& seal, Random& random) {
  const SecretBytes plaintext = pack_secrets(secrets, true);
  const auto salt_bytes = random_array<kSaltBytes>(random);
  const SealingKeys keys = derive(seal.key.reveal(), salt_bytes, secrets.service_id);
  const std::array<Byte, crypto::kAeadNonceBytes>
      nonce{};  // the key is used once: its salt is fresh
  const Bytes sealed = crypto::aead_seal(
      crypto::Aead::aes256_gcm, keys.cipher.reveal(), nonce,
      associated_data(secrets.service_id, kFormatVersion, seal.kind), plaintext.reveal());
  std::vector<Value::Entry> members = {
      {Value::uint(version), Value::uint(kFormatVersion)},
      {Value::uint(kind), Value::text(seal.kind)},
      {Value::uint(service_id), Value::bytes(secrets.service_id)},
      {Value::uint(salt), Value::bytes(salt_bytes)},
      {Value::uint(commitment), Value::bytes(keys.commitment.reveal())},
      {Value::uint(ciphertext), Value::bytes(sealed)},
  };
  if (!seal.object.empty()) members.emplace_back(Value::uint(object), Value::bytes(seal.object));
  return codec::cbor::encode(Value::map(std::move(members)));
}

Result<Unsealed> unseal_secrets(ByteView stored, SealProvider& provider) {
  const auto decoded = codec::cbor::decode(stored, codec::cbor::Strictness::deterministic);
  if (!decoded) {
    return malformed("sealed service secrets: " + decoded.error().message,
                     "the file was changed; restore it from a copy");
  }
  const Value& map = *decoded;
  const Value* stored_version = map.find(version);
  const Value* stored_object = map.find(object);
  if (stored_version == nullptr ||
      map.entries().size() != kMembers + (stored_object == nullptr ? 0 : 1))
    return malformed("sealed service secrets: not such a file");
  VITRINE_TRY(const std::uint64_t format, stored_version->to_uint());
  if (format < kFirstFormatVersion || format > kFormatVersion) {
    return malformed("sealed service secrets: format " + std::to_string(format) +
                     " is not known to this version");
  }
  const Value* stored_kind = map.find(kind);
  if (stored_kind == nullptr) return malformed("sealed service secrets: no member kind");
  VITRINE_TRY(const std::string_view kind_text, stored_kind->to_text());
  if (kind_text != provider.kind()) {
    return denied("sealed service secrets: sealed by kind \"" + std::string(kind_text) +
                      "\", opened with \"" + std::string(provider.kind()) + "\"",
                  "start with --seal " + std::string(kind_text));
  }
  VITRINE_TRY(const ByteView id, bytes_member(map, service_id, "service id"));
  VITRINE_TRY(const ByteView salt_bytes, bytes_member(map, salt, "salt"));
  VITRINE_TRY(const ByteView key_commitment, bytes_member(map, commitment, "commitment"));
  VITRINE_TRY(const ByteView sealed, bytes_member(map, ciphertext, "ciphertext"));
  if (id.size() != 32 || salt_bytes.size() != kSaltBytes)
    return malformed("sealed service secrets: service id or salt has a wrong size");

  SealingKey seal{std::string(kind_text), {}, {}};
  if (stored_object != nullptr) {
    VITRINE_TRY(const ByteView bytes, stored_object->to_bytes());
    if (bytes.empty() || bytes.size() > kObjectBytesMax)
      return malformed("sealed service secrets: the seal's object has a wrong size");
    seal.object = to_bytes(bytes);
  }
  VITRINE_TRY(seal.key, provider.open(seal.object));
  const SealingKeys keys = derive(seal.key.reveal(), salt_bytes, id);
  if (!equal_in_constant_time(keys.commitment.reveal(), key_commitment)) {
    return denied("sealed service secrets: this is not the key that sealed them",
                  "give the seal this data folder was made with");
  }
  const std::array<Byte, crypto::kAeadNonceBytes> nonce{};
  auto plaintext = crypto::aead_open(crypto::Aead::aes256_gcm, keys.cipher.reveal(), nonce,
                                     associated_data(id, format, provider.kind()), sealed);
  if (!plaintext) return denied("sealed service secrets: the file was changed");

  ledger::ServiceId service{};
  std::copy(id.begin(), id.end(), service.begin());
  VITRINE_TRY(auto parts, split(plaintext->reveal()));
  if (format == kFirstFormatVersion && parts.size() >= kFirstKeyParts)
    parts.insert(parts.begin() + kFirstKeyParts, kKeyParts - kFirstKeyParts, ByteView());
  VITRINE_TRY(auto secrets, secrets_of(parts, service, std::nullopt));
  return Unsealed{std::move(secrets), std::move(seal)};
}

}  // namespace vitrine::core
