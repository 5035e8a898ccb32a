#include "crypto/hpke.h"

#include <string>

#include "crypto/hpke_context.h"

namespace vitrine::crypto::hpke {

Result<Suite> suite_from_ids(std::uint16_t kem, std::uint16_t kdf, std::uint16_t aead) {
  VITRINE_TRY(const auto known_kem, kem_from_id(kem));
  if (kdf != 1 && kdf != 2) return malformed("KDF " + std::to_string(kdf) + " is not supported");
  if (aead != 0xffff && (aead < 1 || aead > 3)) {
    return malformed("AEAD " + std::to_string(aead) + " is not supported");
  }
  return Suite{known_kem, static_cast<Kdf>(kdf), static_cast<AeadId>(aead)};
}

Sender::Sender(std::unique_ptr<Context> context) : context_(std::move(context)) {}
Sender::Sender(Sender&&) noexcept = default;
Sender& Sender::operator=(Sender&&) noexcept = default;
Sender::~Sender() = default;

Result<Bytes> Sender::seal(ByteView aad, ByteView plaintext) {
  return context_->seal(aad, plaintext);
}

Result<SecretBytes> Sender::export_secret(ByteView exporter_context, std::size_t size) const {
  return context_->export_secret(exporter_context, size);
}

Receiver::Receiver(std::unique_ptr<Context> context) : context_(std::move(context)) {}
Receiver::Receiver(Receiver&&) noexcept = default;
Receiver& Receiver::operator=(Receiver&&) noexcept = default;
Receiver::~Receiver() = default;

Result<SecretBytes> Receiver::open(ByteView aad, ByteView ciphertext) {
  return context_->open(aad, ciphertext);
}

Result<SecretBytes> Receiver::export_secret(ByteView exporter_context, std::size_t size) const {
  return context_->export_secret(exporter_context, size);
}

struct Setup {
  static Result<SenderSetup> sender(const Suite& suite, Encapsulation encapsulation, ByteView info,
                                    const Psk& psk) {
    VITRINE_TRY(auto schedule,
                key_schedule(suite, encapsulation.shared_secret.reveal(), info, psk));
    return SenderSetup{std::move(encapsulation.enc),
                       Sender(std::make_unique<Context>(suite, std::move(schedule)))};
  }
  static Result<Receiver> receiver(const Suite& suite, ByteView shared_secret, ByteView info,
                                   const Psk& psk) {
    VITRINE_TRY(auto schedule, key_schedule(suite, shared_secret, info, psk));
    return Receiver(std::make_unique<Context>(suite, std::move(schedule)));
  }
};

Result<SenderSetup> setup_s(const Suite& suite, ByteView public_key, ByteView info,
                            const Psk& psk) {
  VITRINE_TRY(auto encapsulation, kem_encap(suite.kem, public_key));
  return Setup::sender(suite, std::move(encapsulation), info, psk);
}

Result<SenderSetup> setup_s_for_testing(const Suite& suite, ByteView public_key, ByteView info,
                                        const Psk& psk, ByteView ephemeral_private_key) {
  VITRINE_TRY(auto encapsulation,
              kem_encap_for_testing(suite.kem, public_key, ephemeral_private_key));
  return Setup::sender(suite, std::move(encapsulation), info, psk);
}

Result<Receiver> setup_r(const Suite& suite, ByteView enc, ByteView private_key,
                         ByteView public_key, ByteView info, const Psk& psk) {
  VITRINE_TRY(const auto shared_secret, kem_decap(suite.kem, enc, private_key, public_key));
  return Setup::receiver(suite, shared_secret.reveal(), info, psk);
}

Result<Sealed> seal_base(const Suite& suite, ByteView public_key, ByteView info, ByteView aad,
                         ByteView plaintext) {
  VITRINE_TRY(auto setup, setup_s(suite, public_key, info));
  VITRINE_TRY(auto ciphertext, setup.context.seal(aad, plaintext));
  return Sealed{std::move(setup.enc), std::move(ciphertext)};
}

Result<SecretBytes> open_base(const Suite& suite, ByteView enc, ByteView private_key,
                              ByteView public_key, ByteView info, ByteView aad,
                              ByteView ciphertext) {
  VITRINE_TRY(auto receiver, setup_r(suite, enc, private_key, public_key, info));
  return receiver.open(aad, ciphertext);
}

}  // namespace vitrine::crypto::hpke
