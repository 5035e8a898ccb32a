#include "crypto/openssl/parameters.h"

#include <algorithm>
#include <bit>

namespace vitrine::crypto::openssl {

void Parameters::number(const char* name, ByteView magnitude) {
  SecretBytes native = SecretBytes::copy_of(magnitude);
  const std::span<Byte> bytes = native.reveal_writable();
  if constexpr (std::endian::native == std::endian::little)
    std::reverse(bytes.begin(), bytes.end());
  params_.push_back(OSSL_PARAM_construct_BN(name, bytes.data(), bytes.size()));
  storage_.push_back(std::move(native));
}

void Parameters::octets(const char* name, ByteView bytes) {
  SecretBytes kept = SecretBytes::copy_of(bytes);
  params_.push_back(
      OSSL_PARAM_construct_octet_string(name, kept.reveal_writable().data(), kept.size()));
  storage_.push_back(std::move(kept));
}

void Parameters::text(const char* name, std::string_view text) {
  SecretBytes kept(text.size() + 1);
  std::copy(text.begin(), text.end(), kept.reveal_writable().begin());
  params_.push_back(OSSL_PARAM_construct_utf8_string(
      name, reinterpret_cast<char*>(kept.reveal_writable().data()), text.size()));
  storage_.push_back(std::move(kept));
}

OSSL_PARAM* Parameters::finish() {
  params_.push_back(OSSL_PARAM_construct_end());
  return params_.data();
}

KeyHandle key_from(const char* type, int selection, Parameters parameters) {
  const KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, type, nullptr));
  EVP_PKEY* key = nullptr;
  if (context == nullptr || EVP_PKEY_fromdata_init(context.get()) != 1 ||
      EVP_PKEY_fromdata(context.get(), &key, selection, parameters.finish()) != 1) {
    return nullptr;
  }
  return KeyHandle(key);
}

}  // namespace vitrine::crypto::openssl
