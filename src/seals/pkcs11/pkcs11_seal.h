// The seal kind "pkcs11": a random sealing key, encrypted by an AES-256 key that is made in a PKCS
// #11 token and never leaves it. Who has token, PIN and disk opens everything.
#pragma once

#include <string>

#include "core/secrets.h"

namespace vitrine::seals {

struct Pkcs11Settings {
  std::string module;    // a shared library
  std::string token;     // its label
  std::string pin_file;  // mode 0600; the user's PIN, with or without a newline
};

class Pkcs11Seal final : public core::SealProvider {
 public:
  explicit Pkcs11Seal(Pkcs11Settings settings) : settings_(std::move(settings)) {}
  std::string_view kind() const override { return "pkcs11"; }
  // Each call makes another key in the token. Errors as open().
  Result<core::SealingKey> make(Random& random) override;
  // denied: PIN file wider than 0600, PIN wrong or locked, object changed. not_found: the token has
  // not the key. unavailable: no PIN file, module or token.
  Result<SecretBytes> open(ByteView object) override;

 private:
  const Pkcs11Settings settings_;
};

}  // namespace vitrine::seals
