// HPKE (RFC 9180), modes base and psk, over DHKEM. Contexts are move-only and work in one
// direction.
#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.h"
#include "base/result.h"
#include "base/secret.h"
#include "crypto/kem.h"

namespace vitrine::crypto::hpke {

enum class Kdf : std::uint16_t { hkdf_sha256 = 1, hkdf_sha384 = 2 };
enum class AeadId : std::uint16_t {
  aes128_gcm = 1,
  aes256_gcm = 2,
  chacha20_poly1305 = 3,
  export_only = 0xffff
};

struct Suite {
  Kem kem = Kem::x25519_sha256;
  Kdf kdf = Kdf::hkdf_sha256;
  AeadId aead = AeadId::aes256_gcm;
};
// The suite of three ids read from outside. malformed: one of them is not supported.
Result<Suite> suite_from_ids(std::uint16_t kem, std::uint16_t kdf, std::uint16_t aead);
// What the KMS's X25519 keys are used with (kms-api.md 4.7).
inline constexpr Suite kKmsSuite{};

// The pre-shared key of mode psk; both empty is mode base. malformed: one without the other, psk
// under 32 bytes.
struct Psk {
  ByteView psk;
  ByteView id;
};

class Context;  // key, base_nonce, exporter_secret, sequence number

class Sender {
 public:
  Sender(Sender&&) noexcept;
  Sender& operator=(Sender&&) noexcept;
  ~Sender();
  Result<Bytes> seal(ByteView aad, ByteView plaintext);
  Result<SecretBytes> export_secret(ByteView exporter_context, std::size_t size) const;
  const Context& context_for_testing() const { return *context_; }

 private:
  friend struct Setup;
  explicit Sender(std::unique_ptr<Context> context);
  std::unique_ptr<Context> context_;
};

class Receiver {
 public:
  Receiver(Receiver&&) noexcept;
  Receiver& operator=(Receiver&&) noexcept;
  ~Receiver();
  // denied, in one wording for every cause. A failed open does not advance the sequence number.
  // malformed: the suite only exports.
  Result<SecretBytes> open(ByteView aad, ByteView ciphertext);
  Result<SecretBytes> export_secret(ByteView exporter_context, std::size_t size) const;

 private:
  friend struct Setup;
  explicit Receiver(std::unique_ptr<Context> context);
  std::unique_ptr<Context> context_;
};

struct SenderSetup {
  Bytes enc;
  Sender context;
};
Result<SenderSetup> setup_s(const Suite& suite, ByteView public_key, ByteView info,
                            const Psk& psk = {});
Result<SenderSetup> setup_s_for_testing(const Suite& suite, ByteView public_key, ByteView info,
                                        const Psk& psk, ByteView ephemeral_private_key);
// denied, in the wording of open(): `enc` does not decap. malformed: what is ours is wrong, the key
// pair or the psk.
Result<Receiver> setup_r(const Suite& suite, ByteView enc, ByteView private_key,
                         ByteView public_key, ByteView info, const Psk& psk = {});

struct Sealed {
  Bytes enc;
  Bytes ciphertext;
};
// Single shot (RFC 9180 6.1).
Result<Sealed> seal_base(const Suite& suite, ByteView public_key, ByteView info, ByteView aad,
                         ByteView plaintext);
Result<SecretBytes> open_base(const Suite& suite, ByteView enc, ByteView private_key,
                              ByteView public_key, ByteView info, ByteView aad,
                              ByteView ciphertext);

}  // namespace vitrine::crypto::hpke
