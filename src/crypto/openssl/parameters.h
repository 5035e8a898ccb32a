// Parameters for EVP_PKEY_fromdata, kept in wiped memory since a private key may be among them.
// Building keys this way costs 3 to 22 us where libcrypto's decoders take 110 to 190.
#pragma once

#include <openssl/params.h>

#include <vector>

#include "base/secret.h"
#include "crypto/openssl/handle.h"

namespace vitrine::crypto::openssl {

class Parameters {
 public:
  // `name` is one of OSSL_PKEY_PARAM_*, kept by reference.
  void number(const char* name, ByteView magnitude);  // big-endian
  void octets(const char* name, ByteView bytes);
  void text(const char* name, std::string_view text);
  OSSL_PARAM* finish();  // once

 private:
  std::vector<SecretBytes> storage_;
  std::vector<OSSL_PARAM> params_;
};

// nullptr where libcrypto refuses them. `selection`: EVP_PKEY_PUBLIC_KEY or EVP_PKEY_KEYPAIR.
KeyHandle key_from(const char* type, int selection, Parameters parameters);

}  // namespace vitrine::crypto::openssl
