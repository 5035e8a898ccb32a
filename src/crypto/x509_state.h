// What copies of a Certificate share. Internal to crypto.
#pragma once

#include <mutex>

#include "crypto/x509.h"
#include "crypto/x509_name.h"
#include "crypto/x509_parse.h"

namespace vitrine::crypto {

struct Certificate::State {
  Bytes der;
  Digest der_sha256;
  PublicKey public_key;
  ParsedCertificate parsed;
  NameText subject, issuer;
  // libcrypto's form takes 120 us to make and is needed for our own TLS certificates alone.
  mutable std::once_flag native_made;
  mutable std::shared_ptr<X509> native;

  State(ByteView bytes, PublicKey key) : der(to_bytes(bytes)), public_key(std::move(key)) {}
};

}  // namespace vitrine::crypto
