#include "seals/pkcs11/pkcs11_seal.h"

#include "base/file.h"
#include "seals/objects.h"
#include "seals/pkcs11/token.h"

namespace vitrine::seals {
namespace {

constexpr std::size_t kKeyBytes = 32;
constexpr std::size_t kPinBytesMax = 256;

Result<std::unique_ptr<Token>> open_token(const Pkcs11Settings& settings) {
  auto file = read_secret_file(settings.pin_file, kPinBytesMax);
  if (!file) {
    // A PIN file that is missing is no lost key.
    const Code code = file.error().code == Code::not_found ? Code::unavailable : file.error().code;
    return fail(code, "PIN file: " + file.error().message,
                file.error().hint.empty() ? "--pkcs11-pin-file names a file with the user's PIN"
                                          : file.error().hint);
  }
  ByteView pin = file->reveal();
  if (!pin.empty() && pin.back() == '\n') pin = pin.first(pin.size() - 1);
  if (pin.empty()) return malformed("PIN file " + settings.pin_file + ": is empty");
  return Token::open(settings.module, settings.token, pin);
}

}  // namespace

Result<core::SealingKey> Pkcs11Seal::make(Random& random) {
  VITRINE_TRY(const auto token, open_token(settings_));
  Pkcs11Object object;
  random.fill(object.key_id);
  random.fill(object.iv);
  SecretBytes key(kKeyBytes);
  random.fill(key.reveal_writable());
  VITRINE_CHECK(token->make_key(object.key_id));
  VITRINE_TRY(object.ciphertext, token->encrypt(object, key.reveal()));
  return core::SealingKey{"pkcs11", std::move(key), encode(object)};
}

Result<SecretBytes> Pkcs11Seal::open(ByteView bytes) {
  VITRINE_TRY(const Pkcs11Object object, read_pkcs11_object(bytes));
  VITRINE_TRY(const auto token, open_token(settings_));
  VITRINE_TRY(SecretBytes key, token->decrypt(object));
  if (key.size() != kKeyBytes) return denied("PKCS #11 token: the object is not a sealing key");
  return key;
}

}  // namespace vitrine::seals
