// A token reached through its PKCS #11 module (PKCS #11 Cryptographic Token Interface,
// version 2.40): opened, logged in to, and asked for what a seal needs. Not thread-safe; one at a
// time in a process.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "base/secret.h"
#include "seals/objects.h"

namespace vitrine::seals {

class Token {
 public:
  // unavailable: the module can't be loaded, or no token has this label. denied: the module is no
  // part of the system, the PIN is wrong or locked.
  static Result<std::unique_ptr<Token>> open(const std::string& module, const std::string& label,
                                             ByteView pin);
  ~Token();  // logs out
  Token(const Token&) = delete;
  Token& operator=(const Token&) = delete;

  // Makes an AES-256 key that never leaves the token, under that CKA_ID.
  Status make_key(ByteView key_id);
  // AES-256-GCM by the object's key and IV, the tag last. not_found: the token has no such key.
  Result<Bytes> encrypt(const Pkcs11Object& object, ByteView plaintext);
  // denied as well: the ciphertext was changed.
  Result<SecretBytes> decrypt(const Pkcs11Object& object);

 private:
  struct State;
  explicit Token(std::unique_ptr<State> state);
  const std::unique_ptr<State> state_;
};

}  // namespace vitrine::seals
