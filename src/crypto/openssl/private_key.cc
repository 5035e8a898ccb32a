#include <openssl/core_names.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>

#include "base/assert.h"
#include "base/limits.h"
#include "crypto/curve.h"
#include "crypto/openssl/ec.h"
#include "crypto/openssl/key_state.h"
#include "crypto/openssl/parameters.h"

namespace vitrine::crypto {
namespace {

using openssl::KeyHandle;
using openssl::Number;

// The number of a key object that libcrypto calls `name`, as wide as it is or as `width` asks.
SecretBytes number_of(const EVP_PKEY* key, const char* name, std::size_t width = 0) {
  BIGNUM* found = nullptr;
  VITRINE_ASSERT(EVP_PKEY_get_bn_param(key, name, &found) == 1);
  const Number number(found);
  SecretBytes out(width != 0 ? width : static_cast<std::size_t>(BN_num_bytes(found)));
  VITRINE_ASSERT(BN_bn2binpad(found, out.reveal_writable().data(), static_cast<int>(out.size())) >=
                 0);
  return out;
}

Bytes raw_public_of(const EVP_PKEY* key) {
  Bytes out(32);
  std::size_t size = out.size();
  VITRINE_ASSERT(EVP_PKEY_get_raw_public_key(key, out.data(), &size) == 1 && size == out.size());
  return out;
}

Bytes point_of(const EVP_PKEY* key, const Curve& curve) {
  Bytes out(1 + 2 * curve.field_bytes);
  std::size_t size = 0;
  VITRINE_ASSERT(EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, out.data(),
                                                 out.size(), &size) == 1 &&
                 size == out.size());
  return out;
}

PublicKeyParts public_parts_of(const EVP_PKEY* key, KeyKind kind) {
  PublicKeyParts parts;
  parts.kind = kind;
  if (kind == KeyKind::rsa) {
    parts.modulus = to_bytes(number_of(key, OSSL_PKEY_PARAM_RSA_N).reveal());
    parts.exponent = to_bytes(number_of(key, OSSL_PKEY_PARAM_RSA_E).reveal());
  } else if (const Curve* const curve = find_curve(kind)) {
    parts.point = point_of(key, *curve);
  } else {
    parts.point = raw_public_of(key);
  }
  return parts;
}

Result<KeyHandle> ec_key(const PrivateKeyParts& parts) {
  const KeyKind kind = parts.public_parts.kind;
  VITRINE_TRY(const auto point, openssl::point_of_scalar(kind, parts.scalar.reveal()));
  if (!parts.public_parts.point.empty() && !same(point, parts.public_parts.point)) {
    return malformed("private key: the public half in it is another key's");
  }
  return openssl::key_from_scalar(kind, parts.scalar.reveal(), point);
}

Result<KeyHandle> raw_key(const PrivateKeyParts& parts) {
  const char* const type = parts.public_parts.kind == KeyKind::ed25519 ? "ED25519" : "X25519";
  const ByteView raw = parts.scalar.reveal();
  KeyHandle key(EVP_PKEY_new_raw_private_key_ex(nullptr, type, nullptr, raw.data(), raw.size()));
  if (key == nullptr) return malformed("private key: libcrypto refuses it");
  return key;
}

Result<KeyHandle> rsa_key(const PrivateKeyParts& parts) {
  VITRINE_CHECK(check_parts(parts.public_parts));
  openssl::Parameters parameters;
  parameters.number(OSSL_PKEY_PARAM_RSA_N, parts.public_parts.modulus);
  parameters.number(OSSL_PKEY_PARAM_RSA_E, parts.public_parts.exponent);
  const std::pair<const char*, const SecretBytes*> numbers[] = {
      {OSSL_PKEY_PARAM_RSA_D, &parts.d},          {OSSL_PKEY_PARAM_RSA_FACTOR1, &parts.p},
      {OSSL_PKEY_PARAM_RSA_FACTOR2, &parts.q},    {OSSL_PKEY_PARAM_RSA_EXPONENT1, &parts.dp},
      {OSSL_PKEY_PARAM_RSA_EXPONENT2, &parts.dq}, {OSSL_PKEY_PARAM_RSA_COEFFICIENT1, &parts.qinv}};
  for (const auto& [name, number] : numbers) {
    if (number->empty() || number->size() > parts.public_parts.modulus.size()) {
      return malformed("private key: an RSA number is longer than the modulus");
    }
    parameters.number(name, number->reveal());
  }
  KeyHandle key = openssl::key_from("RSA", EVP_PKEY_KEYPAIR, std::move(parameters));
  if (key == nullptr) return malformed("private key: libcrypto refuses the RSA key");
  return key;
}

struct PemText {
  char* label = nullptr;
  char* header = nullptr;
  unsigned char* der = nullptr;
  long size = 0;

  PemText() = default;
  PemText(const PemText&) = delete;
  PemText& operator=(const PemText&) = delete;
  ~PemText() {
    OPENSSL_secure_free(label);
    OPENSSL_secure_free(header);
    OPENSSL_secure_clear_free(der, static_cast<std::size_t>(size));
  }
  ByteView bytes() const { return {der, static_cast<std::size_t>(size)}; }
};

}  // namespace

namespace openssl {

KeyHandle generate_key(KeyKind kind, std::size_t rsa_bits) {
  switch (kind) {
    case KeyKind::rsa:
      return KeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "RSA", rsa_bits));
    case KeyKind::ed25519:
      return KeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    case KeyKind::x25519:
      return KeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519"));
    default:
      return KeyHandle(EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", curve_of(kind).name));
  }
}

PrivateKeyParts parts_of(const EVP_PKEY* key, KeyKind kind) {
  PrivateKeyParts parts;
  parts.public_parts = public_parts_of(key, kind);
  if (kind == KeyKind::rsa) {
    parts.d = number_of(key, OSSL_PKEY_PARAM_RSA_D);
    parts.p = number_of(key, OSSL_PKEY_PARAM_RSA_FACTOR1);
    parts.q = number_of(key, OSSL_PKEY_PARAM_RSA_FACTOR2);
    parts.dp = number_of(key, OSSL_PKEY_PARAM_RSA_EXPONENT1);
    parts.dq = number_of(key, OSSL_PKEY_PARAM_RSA_EXPONENT2);
    parts.qinv = number_of(key, OSSL_PKEY_PARAM_RSA_COEFFICIENT1);
  } else if (const Curve* const curve = find_curve(kind)) {
    parts.scalar = number_of(key, OSSL_PKEY_PARAM_PRIV_KEY, curve->field_bytes);
  } else {
    parts.scalar = SecretBytes(32);
    std::size_t size = 32;
    VITRINE_ASSERT(
        EVP_PKEY_get_raw_private_key(key, parts.scalar.reveal_writable().data(), &size) == 1);
  }
  return parts;
}

}  // namespace openssl

Result<PrivateKey> PrivateKey::generate(KeyKind kind, std::size_t rsa_bits) {
  const openssl::ErrorScope errors;
  if (kind == KeyKind::rsa && (rsa_bits < limits::kRsaBitsMin || rsa_bits > limits::kRsaBitsMax)) {
    return malformed("private key: RSA has 2048 to 4096 bits");
  }
  KeyHandle key = openssl::generate_key(kind, rsa_bits);
  if (key == nullptr) return internal("private key: libcrypto cannot generate it");
  VITRINE_TRY(auto open, PublicKey::from_parts(public_parts_of(key.get(), kind)));
  return PrivateKey(std::make_shared<State>(State{std::move(key), std::move(open)}));
}

Result<PrivateKey> PrivateKey::from_parts(const PrivateKeyParts& parts) {
  const openssl::ErrorScope errors;
  const KeyKind kind = parts.public_parts.kind;
  VITRINE_TRY(KeyHandle key, kind == KeyKind::rsa ? rsa_key(parts)
                             : is_ec(kind)        ? ec_key(parts)
                                                  : raw_key(parts));
  VITRINE_TRY(auto open, PublicKey::from_parts(public_parts_of(key.get(), kind)));
  PrivateKey made(std::make_shared<State>(State{std::move(key), std::move(open)}));
  if (kind == KeyKind::rsa) {
    // One trial shows what a check of the primes would, in a fraction of its time.
    const ByteView probe = as_bytes("do both halves belong together");
    const auto signature = made.sign(SignatureAlgorithm::rsa_pkcs1_sha256, probe);
    if (!signature ||
        !made.public_key().verify(SignatureAlgorithm::rsa_pkcs1_sha256, probe, *signature)) {
      return malformed("private key: the numbers of the RSA key do not belong together");
    }
  }
  return made;
}

Result<PrivateKey> PrivateKey::from_pkcs8(ByteView der) {
  auto parts = parse_pkcs8(der);
  if (!parts) return in_context("PrivateKeyInfo", std::move(parts).error());
  return from_parts(*parts);
}

// libcrypto's reader is used because it keeps the decoded text in memory that it wipes.
Result<PrivateKey> PrivateKey::from_pem(std::string_view pem) {
  const openssl::ErrorScope errors;
  if (pem.size() > limits::kPemBytesMax || !pem.starts_with("-----BEGIN ")) {
    return malformed("private key: not PEM");
  }
  const openssl::Handle<BIO, BIO_free> source(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  VITRINE_ASSERT(source != nullptr);
  const auto read = [&](PemText& block) {
    return PEM_read_bio_ex(source.get(), &block.label, &block.header, &block.der, &block.size,
                           PEM_FLAG_SECURE) == 1;
  };
  PemText parameters, key, more;
  PemText* found = &parameters;
  if (!read(parameters)) return malformed("private key: not PEM");
  if (std::string_view(parameters.label) == "EC PARAMETERS") {
    if (!read(key)) return malformed("private key: no key after EC PARAMETERS");
    found = &key;
  }
  if (read(more)) return malformed("private key: more than one PEM block");
  if (*found->header != '\0') {
    return malformed("private key: encrypted PEM", "decrypt it first: openssl pkey");
  }
  const std::string_view label = found->label;
  const auto parse = label == "PRIVATE KEY"       ? parse_pkcs8
                     : label == "EC PRIVATE KEY"  ? parse_ec_private_key
                     : label == "RSA PRIVATE KEY" ? parse_rsa_private_key
                                                  : nullptr;
  if (parse == nullptr) {
    return malformed("private key: the PEM block is no unencrypted private key");
  }
  auto parts = parse(found->bytes());
  if (!parts) return in_context(std::string(label), std::move(parts).error());
  return from_parts(*parts);
}

const PublicKey& PrivateKey::public_key() const { return state_->public_key; }
EVP_PKEY* PrivateKey::native() const { return state_->key.get(); }
SecretBytes PrivateKey::pkcs8() const { return write_pkcs8(openssl::parts_of(native(), kind())); }

// Written straight into secret memory: a std::string would leave copies as it grows.
SecretBytes PrivateKey::pem() const {
  constexpr std::string_view kBegin = "-----BEGIN PRIVATE KEY-----\n";
  constexpr std::string_view kEnd = "-----END PRIVATE KEY-----\n";
  constexpr std::size_t kBytesPerLine = 48;  // 64 characters
  const SecretBytes der = pkcs8();
  const std::size_t characters = (der.size() + 2) / 3 * 4;
  const std::size_t lines = (der.size() + kBytesPerLine - 1) / kBytesPerLine;
  // One byte more: EVP_EncodeBlock ends with NUL.
  SecretBytes out(kBegin.size() + characters + lines + kEnd.size() + 1);
  Byte* to = std::copy(kBegin.begin(), kBegin.end(), out.reveal_writable().data());
  for (ByteView rest = der.reveal(); !rest.empty();) {
    const ByteView line = rest.first(std::min(rest.size(), kBytesPerLine));
    to += EVP_EncodeBlock(to, line.data(), static_cast<int>(line.size()));
    *to++ = '\n';
    rest = rest.subspan(line.size());
  }
  std::copy(kEnd.begin(), kEnd.end(), to);
  return SecretBytes::copy_of(out.reveal().first(out.size() - 1));
}

}  // namespace vitrine::crypto
