// Certificates: whatever is accepted reads back the same, fits its own pieces, and libcrypto agrees
// on the key.
#include "base/assert.h"
#include "crypto/x509.h"

using namespace vitrine;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto certificate = crypto::Certificate::from_der({data, size});
  if (!certificate) return 0;
  VITRINE_ASSERT(same(certificate->der(), ByteView(data, size)));
  const auto again = crypto::Certificate::from_pem(certificate->pem());
  VITRINE_ASSERT(again && again->der_sha256() == certificate->der_sha256());
  for (const char c : certificate->subject_text()) VITRINE_ASSERT(c >= 0x20 && c < 0x7f);
  const auto key = crypto::PublicKey::from_spki(certificate->public_key().spki());
  VITRINE_ASSERT(key && *key == certificate->public_key());
  static_cast<void>(
      crypto::check_link(*certificate, *certificate, crypto::CertificateSignature::any));
  static_cast<void>(certificate->native());
  return 0;
}
