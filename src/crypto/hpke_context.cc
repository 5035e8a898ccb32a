#include "crypto/hpke_context.h"

#include <limits>

#include "base/assert.h"
#include "crypto/aead.h"
#include "crypto/hpke_labels.h"

namespace vitrine::crypto::hpke {
namespace {

constexpr std::size_t kInputBytesMax = 65'536;  // hpke-ohttp.md 4
constexpr std::size_t kPskBytesMin = 32;

Hash hash_of(Kdf kdf) { return kdf == Kdf::hkdf_sha256 ? Hash::sha256 : Hash::sha384; }

Aead aead_of(AeadId id) {
  VITRINE_ASSERT(id != AeadId::export_only);
  return id == AeadId::aes128_gcm   ? Aead::aes128_gcm
         : id == AeadId::aes256_gcm ? Aead::aes256_gcm
                                    : Aead::chacha20_poly1305;
}

Bytes suite_id_of(const Suite& suite) {
  Bytes id = to_bytes("HPKE");
  append_u16(id, static_cast<std::size_t>(suite.kem));
  append_u16(id, static_cast<std::size_t>(suite.kdf));
  append_u16(id, static_cast<std::size_t>(suite.aead));
  return id;
}

Status check_inputs(ByteView info, const Psk& psk) {
  if (psk.psk.empty() != psk.id.empty()) return malformed("HPKE: a psk and its id come together");
  if (!psk.psk.empty() && psk.psk.size() < kPskBytesMin) {
    return malformed("HPKE: the psk is shorter than 32 bytes");
  }
  if (info.size() > kInputBytesMax || psk.psk.size() > kInputBytesMax ||
      psk.id.size() > kInputBytesMax) {
    return malformed("HPKE: info, psk and psk id have at most 64 KiB each");
  }
  return {};
}

}  // namespace

Result<KeySchedule> key_schedule(const Suite& suite, ByteView shared_secret, ByteView info,
                                 const Psk& psk) {
  VITRINE_CHECK(check_inputs(info, psk));
  const Hash hash = hash_of(suite.kdf);
  const Bytes suite_id = suite_id_of(suite);
  KeySchedule made;
  made.key_schedule_context.push_back(psk.psk.empty() ? 0 : 1);  // mode base, mode psk
  append(made.key_schedule_context,
         labeled_extract(hash, suite_id, {}, "psk_id_hash", psk.id).reveal());
  append(made.key_schedule_context,
         labeled_extract(hash, suite_id, {}, "info_hash", info).reveal());
  // The shared secret is the salt, the psk the key material: not the other way round.
  made.secret = labeled_extract(hash, suite_id, shared_secret, "secret", psk.psk);
  const auto expand = [&](std::string_view label, std::size_t size) {
    return labeled_expand(hash, suite_id, made.secret.reveal(), label, made.key_schedule_context,
                          size);
  };
  if (suite.aead != AeadId::export_only) {
    made.key = expand("key", aead_key_size(aead_of(suite.aead)));
    made.base_nonce = expand("base_nonce", kAeadNonceBytes);
  }
  made.exporter_secret = expand("exp", hash_size(hash));
  return made;
}

Context::Context(const Suite& suite, KeySchedule schedule, std::uint64_t sequence)
    : suite_(suite), schedule_(std::move(schedule)), sequence_(sequence) {}

Status Context::check_usable() const {
  if (suite_.aead == AeadId::export_only) return malformed("HPKE: the suite only exports secrets");
  if (sequence_ == std::numeric_limits<std::uint64_t>::max()) {
    return denied("HPKE: message limit reached");
  }
  return {};
}

SecretBytes Context::nonce() const {
  SecretBytes out = schedule_.base_nonce.clone();
  const std::span<Byte> bytes = out.reveal_writable();
  for (std::size_t i = 0; i < sizeof(sequence_); ++i) {
    bytes[bytes.size() - 1 - i] ^= static_cast<Byte>(sequence_ >> (8 * i));
  }
  return out;
}

Result<Bytes> Context::seal(ByteView aad, ByteView plaintext) {
  VITRINE_CHECK(check_usable());
  Bytes out =
      aead_seal(aead_of(suite_.aead), schedule_.key.reveal(), nonce().reveal(), aad, plaintext);
  ++sequence_;
  return out;
}

Result<SecretBytes> Context::open(ByteView aad, ByteView ciphertext) {
  VITRINE_CHECK(check_usable());
  VITRINE_TRY(auto out, aead_open(aead_of(suite_.aead), schedule_.key.reveal(), nonce().reveal(),
                                  aad, ciphertext));
  ++sequence_;
  return out;
}

Result<SecretBytes> Context::export_secret(ByteView exporter_context, std::size_t size) const {
  const Hash hash = hash_of(suite_.kdf);
  if (size > 255 * hash_size(hash) || exporter_context.size() > kInputBytesMax) {
    return malformed("HPKE: exported secret or its context is too long");
  }
  return labeled_expand(hash, suite_id_of(suite_), schedule_.exporter_secret.reveal(), "sec",
                        exporter_context, size);
}

}  // namespace vitrine::crypto::hpke
